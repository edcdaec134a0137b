with source as (

    select * from {{ source('landing', 'quarantine') }}

),

final as (

    select
        batch,
        source,
        file,
        entity,
        rule,
        field,
        rows
    from source

)

select * from final
