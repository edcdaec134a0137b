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

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

leads as (

    select * from {{ ref('stg_landing__leads') }}

),

final as (

    select
        dates.as_of,
        customer_records.customer_key,
        leads.source,
        leads.record_key,
        {{ label('leads.customer_kind', 'customer_kind') }} as customer_kind,
        {{ label('leads.channel', 'channel') }} as channel,
        {{ label('leads.campaign', 'campaign') }} as campaign,
        {{ label('leads.demand_type', 'demand_type') }} as demand_type,
        {{ label('leads.purpose', 'purpose') }} as purpose,
        leads.stated_intent,
        leads.status,
        {{ label('leads.preferred_layout', 'layout') }} as preferred_layout,
        {{ label('leads.occupation', 'occupation') }} as occupation,
        {{ label('leads.industry', 'industry') }} as industry,
        {{ label('leads.income_band', 'income_band') }} as income_band,
        leads.agent_id,
        {{ label('leads.project', 'project') }} as project,
        {{ label('leads.preferred_district', 'district') }} as preferred_district,
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
    from dates
    inner join leads on {{ was_known('leads', 'created_at') }}
    inner join customer_records
        on
            dates.as_of = customer_records.as_of
            and leads.record_key = customer_records.record_key
    {%- for column, kind in labels %}
    {{ label_join('leads.' ~ column, kind) }}
    {%- endfor %}

)

select * from final
