{# A table, because six models read it and would otherwise repeat the join with customers. #}
{{ config(materialized='table') }}

with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

interactions as (

    select * from {{ ref('stg_landing__interactions') }}

),

kinds as (

    select * from {{ ref('interaction_kinds') }}

),

final as (

    select
        dates.as_of,
        customer_records.customer_key,
        interactions.kind,
        interactions.agent_id,
        interactions.complaint_category,
        {{ label('interactions.campaign', 'campaign') }} as campaign,
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
        case when interactions.resolved_at < dates.cutoff_at then interactions.resolved_at end as resolved_at,
        cast(interactions.occurred_at as date) as occurred_on,
        {{ dbt.datediff('cast(interactions.occurred_at as date)', 'dates.as_of', 'day') }} as days_ago
    from dates
    inner join interactions on {{ was_known('interactions', 'occurred_at') }}
    inner join customer_records
        on
            dates.as_of = customer_records.as_of
            and interactions.record_key = customer_records.record_key
    left join kinds
        on
            interactions.kind = kinds.kind
            and (kinds.direction = 'any' or interactions.direction = kinds.direction)
    {{ label_join('interactions.campaign', 'campaign') }}

)

select * from final
