with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

costs as (

    select * from {{ ref('stg_landing__costs') }}

),

final as (

    select
        dates.as_of,
        costs.spent_in,
        coalesce(costs.channel, 'unknown') as channel,
        {{ money('sum(costs.amount)') }} as cost_cny
    from dates
    inner join costs on {{ was_known('costs', 'spent_in') }}
    group by dates.as_of, costs.spent_in, coalesce(costs.channel, 'unknown')

)

select * from final
