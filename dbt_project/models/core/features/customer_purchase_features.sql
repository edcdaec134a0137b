{% set age_days = dbt.datediff('days.purchased_on', 'days.as_of', 'day') %}

with days as (

    select * from {{ ref('customer_purchase_days__by_as_of') }}

),

purchase_counts as (

    select
        days.as_of,
        days.customer_key,
        count(*) as purchases_total,
        count(case when {{ age_days }} < 90 then 1 end) as purchases_90d,
        count(case when {{ age_days }} < 365 then 1 end) as purchases_365d,
        avg(cast(days.day_contribution_cny as double)) as purchase_contribution_mean,
        min({{ age_days }}) as days_since_purchase,
        max({{ age_days }}) as days_since_first_purchase
    from days
    group by days.as_of, days.customer_key

),

-- Shrinkage: 0.3 purchases in 90 days are added before the first purchase, so that one purchase has a pace too.
with_pace as (

    select
        *,
        90 * (purchases_total - 1 + 0.3) / cast(days_since_first_purchase + 90 as double) as purchases_expected_90d
    from purchase_counts

),

final as (

    select
        as_of,
        customer_key,
        cast(purchases_total as integer) as purchases_total,
        cast(days_since_first_purchase as integer) as days_since_first_purchase,
        cast(days_since_purchase as integer) as days_since_purchase,
        cast(purchases_90d as integer) as purchases_90d,
        cast(purchases_365d as integer) as purchases_365d,
        case
            when purchase_contribution_mean < 0 then 0 else purchase_contribution_mean
        end as purchase_contribution_mean,
        purchases_expected_90d,
        days_since_purchase * purchases_expected_90d / 90 as purchases_missed
    from with_pace

)

select * from final
