with source as (

    select * from {{ source('identity', 'contact_checks') }}

),

final as (

    select
        as_of,
        rule,
        rows_checked,
        rows_failed
    from source

)

select * from final
