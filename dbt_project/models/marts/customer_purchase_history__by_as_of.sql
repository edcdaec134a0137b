with steps as (

    select * from {{ ref('int_deal_steps__by_as_of') }}

),

deals as (

    select * from {{ ref('deals') }}

),

cancelled_deals as (

    select
        as_of,
        customer_key,
        deal_key
    from deals
    where state = 'cancelled'

),

days as (

    select
        steps.as_of,
        steps.customer_key,
        steps.occurred_on as purchased_on,
        {{ money('sum(steps.amount)') }} as day_amount
    from steps
    left join cancelled_deals
        on
            steps.as_of = cancelled_deals.as_of
            and steps.customer_key = cancelled_deals.customer_key
            and steps.deal_key = cancelled_deals.deal_key
    where steps.is_signed and not steps.is_netted and cancelled_deals.deal_key is null
    group by steps.as_of, steps.customer_key, steps.occurred_on

),

firsts as (

    select
        as_of,
        customer_key,
        min(purchased_on) as first_purchased_on,
        max(purchased_on) as last_purchased_on
    from days
    group by as_of, customer_key

),

repeats as (

    select
        firsts.as_of,
        firsts.customer_key,
        count(days.purchased_on) as repeat_frequency,
        {{ money('sum(days.day_amount)') }} as repeat_amount
    from firsts
    left join days
        on
            firsts.as_of = days.as_of
            and firsts.customer_key = days.customer_key
            and firsts.first_purchased_on < days.purchased_on
    group by firsts.as_of, firsts.customer_key

),

final as (

    select
        firsts.as_of,
        firsts.customer_key,
        cast(repeats.repeat_frequency as integer) as repeat_frequency,
        cast(
            {{ dbt.datediff('firsts.first_purchased_on', 'firsts.last_purchased_on', 'day') }} as integer
        ) as recency_age_days,
        cast({{ dbt.datediff('firsts.first_purchased_on', 'firsts.as_of', 'day') }} as integer) as tenure_days,
        coalesce(
            cast(repeats.repeat_amount as double) / nullif(repeats.repeat_frequency, 0), 0
        ) as repeat_monetary_mean
    from firsts
    inner join repeats
        on
            firsts.as_of = repeats.as_of
            and firsts.customer_key = repeats.customer_key

)

select * from final
