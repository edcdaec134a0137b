with source as (

    select * from {{ source('lead_forecast', 'forecast_report') }}

),

final as (

    select
        as_of,
        topic,
        subject,
        metric,
        value,
        low,
        high,
        bar,
        passed,
        note
    from source

)

select * from final
