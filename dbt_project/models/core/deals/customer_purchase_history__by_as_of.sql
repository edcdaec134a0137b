with steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

days as (

    select
        as_of,
        customer_key,
        occurred_on as purchased_on,
        min(currency) as lowest_currency,
        max(currency) as highest_currency,
        {{ money('sum(net_amount)') }} as day_amount
    from steps
    where is_standing
    group by as_of, customer_key, occurred_on

),

spans as (

    select
        as_of,
        customer_key,
        min(purchased_on) as first_purchased_on,
        max(purchased_on) as last_purchased_on,
        min(lowest_currency) as lowest_currency,
        max(highest_currency) as highest_currency
    from days
    group by as_of, customer_key

),

repeats as (

    select
        spans.as_of,
        spans.customer_key,
        count(days.purchased_on) as repeat_frequency,
        {{ money('sum(days.day_amount)') }} as repeat_amount
    from spans
    left join days
        on
            spans.as_of = days.as_of
            and spans.customer_key = days.customer_key
            and spans.first_purchased_on < days.purchased_on
    group by spans.as_of, spans.customer_key

),

final as (

    select
        spans.as_of,
        spans.customer_key,
        cast(repeats.repeat_frequency as integer) as repeat_frequency,
        cast(
            {{ dbt.datediff('spans.first_purchased_on', 'spans.last_purchased_on', 'day') }} as integer
        ) as recency_age_days,
        cast({{ dbt.datediff('spans.first_purchased_on', 'spans.as_of', 'day') }} as integer) as tenure_days,
        case when spans.lowest_currency = spans.highest_currency then spans.lowest_currency end as currency,
        -- Amounts in two currencies have no mean.
        case
            when spans.lowest_currency = spans.highest_currency
                then coalesce(cast(repeats.repeat_amount as double) / nullif(repeats.repeat_frequency, 0), 0)
        end as repeat_monetary_mean
    from spans
    inner join repeats
        on
            spans.as_of = repeats.as_of
            and spans.customer_key = repeats.customer_key

)

select * from final
