with source as (

    select * from {{ source('lead_forecast', 'demand_back_test') }}

),

final as (

    select
        as_of,
        channel,
        origin,
        month,
        method,
        actual,
        point,
        low,
        high
    from source

)

select * from final
