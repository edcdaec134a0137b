with source as (

    {{ versions(source('landing', 'properties')) }}

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
        listed_from as listed_on,
        listed_to as delisted_on,
        {{ to_business_time('known_at') }} as known_at,
        {{ to_business_time('superseded_at') }} as superseded_at
    from source

)

select * from final
