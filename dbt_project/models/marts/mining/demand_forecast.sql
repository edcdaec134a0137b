with final as (

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
        months as months_tested
    from {{ source('lead_forecast', 'demand_forecast') }}

)

select * from final
