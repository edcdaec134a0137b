with source as (

    select * from {{ source('scope', 'acceptances') }}

),

final as (

    select
        source,
        entity,
        rule,
        field,
        accepted_from
    from source

)

select * from final
