{{ config(materialized='table') }}

with source as (

    {{ versions(source('landing', 'properties')) }}

),

in_business_time as (

    select
        *,
        {{ to_business_time('known_at') }} as known_locally_at,
        {{ to_business_time('superseded_at') }} as superseded_locally_at
    from source

),

final as (

    select
        source,
        row_key,
        source || ':' || trim(property_id) as property_key,
        trim(property_id) as property_id,
        trim(project) as project,
        {{ code('district') }} as district,
        {{ code('layout') }} as layout,
        {{ code('use') }} as market_use,
        area,
        list_price,
        -- A listing without a listing day is on the market from the day on which it became known. A later version does
        -- not change that day.
        coalesce(
            listed_from, cast(min(known_locally_at) over (partition by source, row_key) as date)
        ) as listed_on,
        listed_to as delisted_on,
        known_locally_at as known_at,
        superseded_locally_at as superseded_at
    from in_business_time

)

select * from final
