{# A table, because six models read it and would otherwise repeat the join with customers. #}
{{ config(materialized='table') }}

with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- A left join, to fix the join order, as in int_transactions__by_as_of.
customer_records as (

    select
        customer_records.as_of,
        customer_records.record_key,
        customer_records.customer_key,
        dates.cutoff_at
    from {{ ref('stg_identity__customer_records') }} as customer_records
    left join dates on customer_records.as_of = dates.as_of

),

interactions as (

    select * from {{ ref('stg_landing__interactions') }}

),

-- A row per direction, to join by equality: a condition with `or` compares every interaction with every kind.
kinds as (

    {% for direction in ['in', 'out', ''] -%}
    select
        kind,
        '{{ direction }}' as direction,
        is_customer_initiated,
        is_online,
        is_agent_contact
    from {{ ref('interaction_kinds') }}
    where direction in ('any', '{{ direction }}')
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        interactions.kind,
        interactions.agent_id,
        interactions.complaint_category,
        {{ label('interactions.campaign', 'campaign', 'customer_records') }} as campaign,
        -- As the source writes it: identifies campaigns, never published.
        interactions.campaign as source_campaign,
        interactions.arm,
        interactions.answered,
        interactions.satisfaction_score,
        coalesce(kinds.is_customer_initiated, false) as is_customer_initiated,
        coalesce(kinds.is_online, false) as is_online,
        -- The hold-out arm is assigned to a campaign but not contacted.
        coalesce(kinds.is_agent_contact, false) and coalesce(interactions.arm, '') != 'hold_out' as is_agent_contact,
        interactions.source,
        interactions.row_key,
        interactions.property_key,
        interactions.occurred_at,
        -- A complaint that is closed after as_of is still open, even if a later export has the closing time.
        case
            when interactions.resolved_at < customer_records.cutoff_at then interactions.resolved_at
        end as resolved_at,
        cast(interactions.occurred_at as date) as occurred_on,
        {{ dbt.datediff('cast(interactions.occurred_at as date)', 'customer_records.as_of', 'day') }} as days_ago
    from interactions
    inner join customer_records
        on
            interactions.record_key = customer_records.record_key
            and {{ was_known('interactions', 'occurred_at', 'customer_records') }}
    left join kinds
        on
            interactions.kind = kinds.kind
            and coalesce(interactions.direction, '') = kinds.direction
    {{ label_join('interactions.campaign', 'campaign') }}

)

select * from final
