{# A table, because many models read it and would otherwise repeat its joins. #}
{{ config(materialized='table') }}

{%- set labels = [
    ('customer_kind', 'customer_kind'),
    ('channel', 'channel'),
    ('campaign', 'campaign'),
    ('demand_type', 'demand_type'),
    ('purpose', 'purpose'),
    ('preferred_layout', 'layout'),
    ('occupation', 'occupation'),
    ('industry', 'industry'),
    ('income_band', 'income_band'),
    ('project', 'project'),
    ('preferred_district', 'district'),
] -%}

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

leads as (

    select * from {{ ref('stg_landing__leads') }}

),

final as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        leads.source,
        leads.record_key,
        {{ label('leads.customer_kind', 'customer_kind', 'customer_records') }} as customer_kind,
        {{ label('leads.channel', 'channel', 'customer_records') }} as channel,
        {{ label('leads.campaign', 'campaign', 'customer_records') }} as campaign,
        {{ label('leads.demand_type', 'demand_type', 'customer_records') }} as demand_type,
        {{ label('leads.purpose', 'purpose', 'customer_records') }} as purpose,
        leads.stated_intent,
        leads.status,
        {{ label('leads.preferred_layout', 'layout', 'customer_records') }} as preferred_layout,
        {{ label('leads.occupation', 'occupation', 'customer_records') }} as occupation,
        {{ label('leads.industry', 'industry', 'customer_records') }} as industry,
        {{ label('leads.income_band', 'income_band', 'customer_records') }} as income_band,
        leads.agent_id,
        {{ label('leads.project', 'project', 'customer_records') }} as project,
        {{ label('leads.preferred_district', 'district', 'customer_records') }} as preferred_district,
        -- As the source writes them: matched with listings, never published.
        leads.preferred_layout as asked_layout,
        leads.project as asked_project,
        leads.preferred_district as asked_district,
        leads.area_min,
        leads.area_max,
        leads.currency,
        leads.is_budget_reversed,
        leads.budget_min,
        leads.budget_max,
        leads.created_at,
        leads.updated_at,
        leads.known_at
    from leads
    inner join customer_records
        on
            leads.record_key = customer_records.record_key
            and {{ was_known('leads', 'created_at', 'customer_records') }}
    {%- for column, kind in labels %}
    {{ label_join('leads.' ~ column, kind) }}
    {%- endfor %}

)

select * from final
