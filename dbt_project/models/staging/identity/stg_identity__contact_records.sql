with source as (

    select * from {{ source('identity', 'contact_records') }}

),

final as (

    select
        as_of,
        record_key,
        customer_key
    from source

)

select * from final
