with source as (

    select * from {{ source('landing', 'emptied') }}

),

final as (

    select
        batch,
        source,
        file,
        entity,
        field,
        rows,
        filled
    from source

)

select * from final
