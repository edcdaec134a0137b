with final as (

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
    from {{ ref('stg_mining__demand_back_test') }}

)

select * from final
