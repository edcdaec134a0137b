with source as (

    select * from {{ source('identity', 'customers') }}

),

final as (

    select
        customer_key,
        customer_id
    from source

)

select * from final
