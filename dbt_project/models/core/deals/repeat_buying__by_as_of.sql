with days as (

    select * from {{ ref('customer_purchase_days__by_as_of') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

numbered as (

    select
        as_of,
        customer_key,
        purchased_on,
        row_number() over (partition by as_of, customer_key order by purchased_on asc) as purchase_number
    from days

),

buyers as (

    select
        as_of,
        customer_key,
        min(purchased_on) as first_purchased_on,
        max(case when purchase_number = 2 then purchased_on end) as second_purchased_on
    from numbered
    where purchase_number <= 2
    group by as_of, customer_key

),

waiting_times as (

    select
        as_of,
        {{ dbt.datediff('first_purchased_on', 'second_purchased_on', 'day') }} as days_to_second
    from buyers

),

buyer_counts as (

    select
        waiting_times.as_of,
        count(*) as buyers,
        count(case when waiting_times.days_to_second <= thresholds.repeat_within_days then 1 end) as repeat_buyers
    from waiting_times
    cross join thresholds
    group by waiting_times.as_of

),

shares as (

    select
        dates.as_of,
        coalesce(buyer_counts.buyers, 0) as buyers,
        coalesce(buyer_counts.repeat_buyers, 0) as repeat_buyers,
        {{ rounded(
            'cast(coalesce(buyer_counts.repeat_buyers, 0) as double) / nullif(buyer_counts.buyers, 0)', 6
        ) }} as repeat_share
    from dates
    left join buyer_counts on dates.as_of = buyer_counts.as_of

),

final as (

    select
        shares.as_of,
        cast(shares.buyers as integer) as buyers,
        cast(shares.repeat_buyers as integer) as repeat_buyers,
        shares.repeat_share,
        thresholds.repeat_within_days,
        thresholds.repeat_min_buyers,
        cast(thresholds.repeat_min_share as double) as repeat_min_share,
        shares.buyers >= thresholds.repeat_min_buyers
        and coalesce(shares.repeat_share >= cast(thresholds.repeat_min_share as double), false) as is_offered
    from shares
    cross join thresholds

)

select * from final
