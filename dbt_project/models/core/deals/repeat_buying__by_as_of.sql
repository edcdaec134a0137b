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

waited as (

    select
        as_of,
        {{ dbt.datediff('first_purchased_on', 'second_purchased_on', 'day') }} as days_to_second
    from buyers

),

counted as (

    select
        waited.as_of,
        count(*) as buyers,
        count(case when waited.days_to_second <= thresholds.repeat_within_days then 1 end) as repeat_buyers
    from waited
    cross join thresholds
    group by waited.as_of

),

measured as (

    select
        dates.as_of,
        coalesce(counted.buyers, 0) as buyers,
        coalesce(counted.repeat_buyers, 0) as repeat_buyers,
        round(
            cast(coalesce(counted.repeat_buyers, 0) as double) / nullif(counted.buyers, 0), 6
        ) as repeat_share
    from dates
    left join counted on dates.as_of = counted.as_of

),

final as (

    select
        measured.as_of,
        cast(measured.buyers as integer) as buyers,
        cast(measured.repeat_buyers as integer) as repeat_buyers,
        measured.repeat_share,
        thresholds.repeat_within_days,
        thresholds.repeat_min_buyers,
        cast(thresholds.repeat_min_share as double) as repeat_min_share,
        measured.buyers >= thresholds.repeat_min_buyers
        and coalesce(measured.repeat_share >= cast(thresholds.repeat_min_share as double), false) as is_offered
    from measured
    cross join thresholds

)

select * from final
