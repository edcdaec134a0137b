with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

properties as (

    select * from {{ ref('stg_landing__properties') }}

),

-- With two rows for one listing, the later known_at counts, then the larger key, so that the row order does not matter.
final as (

    select
        dates.as_of,
        properties.property_key,
        properties.source,
        properties.property_id,
        properties.project,
        properties.district,
        properties.layout,
        properties.market_use,
        properties.area,
        properties.list_price,
        properties.listed_on,
        -- A later delisting day is a plan, or was written after the fact.
        case when properties.delisted_on <= dates.as_of then properties.delisted_on end as delisted_on
    from dates
    inner join properties on {{ was_known('properties', 'listed_on') }}
    qualify
        row_number() over (
            partition by dates.as_of, properties.property_key
            order by properties.known_at desc, properties.row_key desc
        ) = 1

)

select * from final
