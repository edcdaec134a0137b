-- What each version of a record says of the demand, and from when until when it was the known one.
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
    -- A version that is superseded as soon as it is known was never the known one.
    where superseded_at is null or superseded_at > known_at

)

select * from final
