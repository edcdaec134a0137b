with source as (

    select * from {{ source('identity', 'customer_records') }}

),

final as (

    select
        as_of,
        record_key,
        customer_key,
        matched_on
    from source

)

select * from final
