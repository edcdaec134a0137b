with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

customer_records as (

    select * from {{ source('identity', 'customer_records') }}

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
        leads.customer_kind,
        leads.channel,
        leads.campaign,
        leads.demand_type,
        leads.purpose,
        leads.stated_intent,
        leads.status,
        leads.preferred_layout,
        leads.occupation,
        leads.industry,
        leads.income_band,
        leads.agent_id,
        leads.project,
        leads.preferred_district,
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

)

select * from final
