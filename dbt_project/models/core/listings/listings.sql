with final as (

    select
        as_of,
        property_key,
        source,
        property_id,
        project,
        district,
        layout,
        market_use,
        cast(area as double) as area,
        cast(list_price as double) as list_price,
        listed_on,
        delisted_on,
        delisted_on is null as is_on_market
    from {{ ref('int_listings__by_as_of') }}

)

select * from final
