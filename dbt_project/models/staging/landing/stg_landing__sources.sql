with source as (

    select * from {{ source('landing', 'sources') }}

),

final as (

    select
        source,
        interactions,
        transactions,
        is_mapped
    from source

)

select * from final
