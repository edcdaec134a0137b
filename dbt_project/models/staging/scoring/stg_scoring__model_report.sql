with source as (

    select * from {{ source('scoring', 'model_report') }}

),

final as (

    select
        model_version,
        target,
        horizon_days,
        model,
        metric,
        segment,
        snapshot,
        value,
        low,
        high,
        bar,
        passed
    from source

)

select * from final
