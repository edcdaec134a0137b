with source as (

    select * from {{ source('identity', 'links') }}

),

final as (

    select
        as_of,
        customer_key,
        record_id,
        linked_record_id,
        rule,
        evidence,
        score
    from source

)

select * from final
