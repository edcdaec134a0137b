with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

costs as (

    select * from {{ ref('stg_landing__costs') }}

),

with_labels as (

    select
        dates.as_of,
        costs.spent_in,
        coalesce({{ label('costs.channel', 'channel') }}, 'unknown') as channel,
        costs.amount
    from dates
    inner join costs on {{ was_known('costs', 'spent_in') }}
    {{ label_join('costs.channel', 'channel') }}

),

final as (

    select
        as_of,
        spent_in,
        channel,
        {{ money('sum(amount)') }} as cost_cny
    from with_labels
    group by as_of, spent_in, channel

)

select * from final
