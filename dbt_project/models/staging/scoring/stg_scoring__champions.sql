with source as (

    select * from {{ source('scoring', 'champions') }}

),

final as (

    select
        target,
        horizon_days,
        as_of,
        model_version,
        trained_through
    from source

)

select * from final
