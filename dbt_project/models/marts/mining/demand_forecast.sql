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
    from {{ ref('stg_mining__demand_forecast') }}

)

select * from final
