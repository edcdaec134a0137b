with source as (

    select * from {{ source('listing_recommendations', 'listing_matches') }}

),

final as (

    select
        as_of,
        customer_key,
        rank,
        property_key,
        score,
        why_en,
        why_zh
    from source

)

select * from final
