with source as (

    select * from {{ source('scoring', 'champions') }}

),

final as (

    select
        target,
        horizon_days,
        as_of,
        model_version
    from source

)

select * from final
