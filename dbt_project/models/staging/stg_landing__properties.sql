with corrections as (

    {{ corrections(source('landing', 'properties')) }}

),

source as (

    select
        landed.*,
        corrections.superseded_at
    from {{ source('landing', 'properties') }} as landed
    left join corrections
        on
            landed.source = corrections.source
            and landed.row_key = corrections.row_key
            and landed.known_at = corrections.known_at
            and landed.batch_seq = corrections.batch_seq
            and landed.content_hash = corrections.content_hash

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
