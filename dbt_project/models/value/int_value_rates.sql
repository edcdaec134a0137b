-- Rates of events within a year, by product, state and segment. Beta-binomial shrinkage (x + m·p0) / (n + m): a cell
-- towards the other cells of its state, and these towards the rule, so that no customer counts twice. The years of
-- neighbouring landmarks overlap by three quarters, so each customer of a landmark counts as a quarter.
{{ config(materialized='table') }}

with states as (

    select * from {{ ref('int_value_states__by_customer_landmark') }}

),

rules as (

    select * from {{ ref('value_states') }}

),

dates as (

    select as_of from {{ ref('int_as_of_dates') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

priors as (

    {% for product in ['next_deal', 'renewal', 'referral'] -%}
    select
        '{{ product }}' as product,
        state,
        cast(prior_{{ product }} as double) as prior_rate
    from rules
    where prior_{{ product }} is not null
    union all
    {% endfor -%}
    -- Most customers who subscribe or sign within a quarter sign within the year; few others do.
    select
        'after_decision' as product,
        rules.state,
        cast(thresholds.value_signs_after_decision as double) as prior_rate
    from rules
    cross join thresholds
    where rules.prior_next_deal is not null
    union all
    select
        'without_decision' as product,
        rules.state,
        cast(rules.prior_next_deal as double) * cast(thresholds.value_signs_later as double) as prior_rate
    from rules
    cross join thresholds
    where rules.prior_next_deal is not null

),

trials as (

    select
        as_of,
        'next_deal' as product,
        state,
        demand_group,
        price_tier,
        has_next_deal as happened
    from states
    where age_days > 0
    union all
    select
        as_of,
        case when has_decided_in_quarter = 1 then 'after_decision' else 'without_decision' end as product,
        state,
        demand_group,
        price_tier,
        has_next_deal as happened
    from states
    where age_days > 0
    union all
    select
        as_of,
        'renewal' as product,
        lease_state as state,
        demand_group,
        price_tier,
        has_renewal as happened
    from states
    where age_days > 0 and lease_state is not null
    union all
    select
        as_of,
        'referral' as product,
        state,
        demand_group,
        price_tier,
        has_referred as happened
    from states
    where age_days > 0

),

cells as (

    select
        as_of,
        product,
        state,
        demand_group,
        price_tier,
        cast(count(*) as double) * 0.25 as n,
        cast(sum(happened) as double) * 0.25 as x
    from trials
    group by as_of, product, state, demand_group, price_tier

),

state_totals as (

    select
        as_of,
        product,
        state,
        sum(n) as n,
        sum(x) as x
    from cells
    group by as_of, product, state

),

price_tiers as (

    select level as price_tier from {{ ref('purchasing_power') }}
    union all
    select 'unknown' as price_tier

),

segments as (

    {% for demand_group in ['sale', 'rental', 'unknown'] -%}
    select
        '{{ demand_group }}' as demand_group,
        price_tier
    from price_tiers
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

segment_cells as (

    select
        dates.as_of,
        priors.product,
        priors.state,
        segments.demand_group,
        segments.price_tier,
        priors.prior_rate,
        cast(thresholds.value_rate_weight as double) as weight,
        coalesce(cells.n, 0) as n,
        coalesce(cells.x, 0) as x,
        coalesce(state_totals.n, 0) as state_n,
        coalesce(state_totals.x, 0) as state_x
    from dates
    cross join priors
    cross join thresholds
    cross join segments
    left join state_totals
        on
            dates.as_of = state_totals.as_of
            and priors.product = state_totals.product
            and priors.state = state_totals.state
    left join cells
        on
            dates.as_of = cells.as_of
            and priors.product = cells.product
            and priors.state = cells.state
            and segments.demand_group = cells.demand_group
            and segments.price_tier = cells.price_tier

),

with_expected_rate as (

    select
        *,
        (state_x - x + weight * prior_rate) / (state_n - n + weight) as expected_rate
    from segment_cells

),

shrunk as (

    select
        as_of,
        product,
        state,
        demand_group,
        price_tier,
        n,
        state_n > 0 as is_measured,
        weight,
        (x + weight * expected_rate) / (n + weight) as rate
    from with_expected_rate

),

final as (

    select
        as_of,
        product,
        state,
        demand_group,
        price_tier,
        n,
        is_measured,
        {{ rounded('rate', 9) }} as rate,
        -- Variance of the beta distribution of the rate.
        {{ rounded('rate * (1 - rate) / (n + weight + 1)', 12) }} as rate_variance
    from shrunk

)

select * from final
