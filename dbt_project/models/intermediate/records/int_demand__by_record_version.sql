-- Demand in each version of a lead, with the time in which the version was the known version.
with leads as (

    select * from {{ ref('stg_landing__leads') }}

),

final as (

    select
        record_key,
        demand_type,
        currency,
        budget_min,
        budget_max,
        created_at,
        updated_at,
        known_at,
        superseded_at
    from leads
    -- A version that is superseded as soon as it is known was never the known version.
    where superseded_at is null or superseded_at > known_at

)

select * from final
