with outcomes as (

    select * from {{ ref('int_grade_outcomes') }}

),

sums as (

    select
        as_of,
        graded_as_of,
        grade,
        outcome_ends_on,
        is_censored,
        compared_with,
        count(*) as customers,
        count(contribution_cny) as customers_deals_known,
        count(is_back) as customers_contacts_known,
        sum(contribution_cny) as contribution_sum,
        sum(signed_deals) as signed_deals,
        count(case when signed_deals > 0 then 1 end) as customers_signed,
        sum(subscriptions) as subscriptions,
        sum(case when is_back then 1 when not is_back then 0 end) as customers_back,
        case when compared_with is not null then count(grade_later) end as customers_compared,
        case when compared_with is not null then count(case when grade_later = grade then 1 end) end as customers_kept
    from outcomes
    group by as_of, graded_as_of, grade, outcome_ends_on, is_censored, compared_with

),

with_daily_mean as (

    select
        *,
        sum(customers) over (partition by graded_as_of) as customers_of_day,
        cast(sum(contribution_sum) over (partition by graded_as_of) as double)
        / nullif(sum(customers_deals_known) over (partition by graded_as_of), 0) as mean_of_day,
        cast(contribution_sum as double) / nullif(customers_deals_known, 0) as mean_of_grade
    from sums

),

final as (

    select
        as_of,
        graded_as_of,
        grade,
        cast(customers as bigint) as customers,
        cast(customers as double) / customers_of_day as share_of_customers,
        outcome_ends_on,
        is_censored,
        {{ money('contribution_sum') }} as contribution_sum,
        {{ money('mean_of_grade') }} as contribution_mean,
        case when mean_of_day > 0 then mean_of_grade / mean_of_day end as ratio_to_mean,
        cast(signed_deals as bigint) as signed_deals,
        cast(subscriptions as bigint) as subscriptions,
        case
            when contribution_sum is not null then cast(customers_deals_known as bigint)
        end as customers_deals_known,
        case when contribution_sum is not null then cast(customers_signed as bigint) end as customers_signed,
        cast(customers_back as bigint) as customers_back,
        cast(customers_back as double) / nullif(customers_contacts_known, 0) as share_back,
        compared_with,
        cast(customers_compared as bigint) as customers_compared,
        cast(customers_kept as bigint) as customers_kept,
        cast(customers_kept as double) / nullif(customers_compared, 0) as stability
    from with_daily_mean

)

select * from final
