with customers as (

    select * from {{ ref('customers') }}

),

features as (

    select * from {{ ref('customer_features') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

abc as (

    select * from {{ ref('customer_abc') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

churn as (

    select * from {{ ref('int_churn__by_customer_as_of') }}

),

purchasing_power as (

    select * from {{ ref('purchasing_power') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

points as (

    select * from {{ ref('grade_points') }}

),

described as (

    select
        customers.as_of,
        customers.customer_key,
        'all' as base,
        abc.value_class,
        lifecycle.lifecycle_stage,
        case
            when features.customer_events_60d >= thresholds.frequent_min_events then 'frequent'
            when features.customer_events_60d >= thresholds.engaged_min_events then 'engaged'
            when features.customer_events_60d >= 1 then 'one'
            else 'none'
        end as engagement,
        case
            when rfm.open_subscriptions > 0 then 'subscribed'
            when features.viewings_60d > 0 then 'viewing'
            else 'none'
        end as deal_stage,
        coalesce(purchasing_power.level, 'unknown') as purchasing_power,
        case when features.referrals_total > 0 then 'some' else 'none' end as referral,
        case when features.complaints_90d > 0 then 'some' else 'none' end as complaint,
        coalesce(churn.warning_level, 'not_available') as warning_level
    from customers
    cross join thresholds
    inner join features
        on
            customers.as_of = features.as_of
            and customers.customer_key = features.customer_key
    inner join lifecycle
        on
            customers.as_of = lifecycle.as_of
            and customers.customer_key = lifecycle.customer_key
    inner join abc
        on
            customers.as_of = abc.as_of
            and customers.customer_key = abc.customer_key
    inner join churn
        on
            customers.as_of = churn.as_of
            and customers.customer_key = churn.customer_key
    left join rfm
        on
            customers.as_of = rfm.as_of
            and customers.customer_key = rfm.customer_key
    left join purchasing_power
        on {{ in_band('customers.budget_max_wan', 'purchasing_power', 'min_budget_wan', 'max_budget_wan') }}

),

members as (

    {% for component in [
        'base', 'value_class', 'lifecycle_stage', 'engagement', 'deal_stage', 'purchasing_power', 'referral',
        'complaint', 'warning_level'
    ] -%}
    select
        as_of,
        customer_key,
        '{{ component }}' as component,
        {{ component }} as member
    from described
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        members.as_of,
        members.customer_key,
        members.component,
        members.member,
        points.reason_en,
        points.reason_zh,
        points.points
    from members
    left join points
        on
            members.component = points.component
            and members.member = points.member

)

select * from final
