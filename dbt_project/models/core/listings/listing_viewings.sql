with viewings as (

    select * from {{ ref('int_interactions__by_as_of') }}
    where {{ is_viewing('kind') }} and property_key is not null

),

final as (

    select
        as_of,
        customer_key,
        property_key,
        occurred_on as viewed_on,
        cast(count(*) as integer) as viewings
    from viewings
    group by as_of, customer_key, property_key, occurred_on

)

select * from final
