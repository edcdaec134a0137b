with source as (

    select * from {{ source('lead_forecast', 'demand_forecast') }}

),

final as (

    select
        as_of,
        channel,
        month,
        point,
        low,
        high,
        method,
        beats_naive,
        model_error,
        naive_error,
        error_ratio,
        coverage,
        months
    from source

)

select * from final
