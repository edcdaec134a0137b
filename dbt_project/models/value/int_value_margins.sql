-- What a deal or a renewal of a segment brings in the year in which it happens, CNY: the mean of those who had one,
-- shrunk towards its demand group, as its purchasing power lets expect, and that towards the rule. A referral brings
-- what a lead in touch does.
{{ config(materialized='table') }}

with states as (

    select * from {{ ref('int_value_states__by_customer_landmark') }}

),

rates as (

    select * from {{ ref('int_value_rates') }}

),

rules as (

    select * from {{ ref('value_margins') }}

),

purchasing_power as (

    select * from {{ ref('purchasing_power') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

brought as (

    select
        as_of,
        'next_deal' as product,
        demand_group,
        price_tier,
        next_deal_cny as amount
    from states
    where age_days > 0 and has_next_deal = 1 and next_deal_cny is not null
    union all
    select
        as_of,
        'renewal' as product,
        demand_group,
        price_tier,
        renewal_cny as amount
    from states
    where age_days > 0 and has_renewal = 1 and renewal_cny is not null

),

cells as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        count(*) as n,
        sum(amount) as total,
        -- Exact sums of decimals do not depend on the order of rows; a sum of squares of doubles would.
        sum(cast(round(amount / 1000, 0) as bigint) * cast(round(amount / 1000, 0) as bigint)) as squares
    from brought
    group by as_of, product, demand_group, price_tier

),

groups as (

    select
        as_of,
        product,
        demand_group,
        sum(n) as n,
        sum(total) as total
    from cells
    group by as_of, product, demand_group

),

segments as (

    select distinct
        as_of,
        demand_group,
        price_tier
    from rates

),

expected as (

    select
        segments.as_of,
        rules.product,
        segments.demand_group,
        segments.price_tier,
        cast(thresholds.value_margin_weight as double) as weight,
        -- The budget of a tenant is a rent: it stands on no level of prices.
        case
            when rules.product = 'next_deal' and segments.demand_group != 'rental'
                then coalesce(cast(purchasing_power.deal_factor as double), 1)
            else 1
        end
        * (
            coalesce(cast(groups.total as double), 0)
            + cast(thresholds.value_margin_weight as double) * cast(rules.prior_margin as double)
        ) / (coalesce(groups.n, 0) + cast(thresholds.value_margin_weight as double)) as expected_margin
    from segments
    cross join thresholds
    inner join rules
        on
            segments.demand_group = rules.demand_group
            and rules.product != 'referral'
    left join purchasing_power on segments.price_tier = purchasing_power.level
    left join groups
        on
            segments.as_of = groups.as_of
            and rules.product = groups.product
            and segments.demand_group = groups.demand_group

),

shrunk as (

    select
        expected.as_of,
        expected.product,
        expected.demand_group,
        expected.price_tier,
        expected.weight,
        coalesce(cells.n, 0) as n,
        (coalesce(cast(cells.total as double), 0) + expected.weight * expected.expected_margin)
        / (coalesce(cells.n, 0) + expected.weight) as margin,
        cast(cells.squares as double) * 1000000 / nullif(cells.n, 0)
        - power(cast(cells.total as double) / nullif(cells.n, 0), 2) as spread
    from expected
    left join cells
        on
            expected.as_of = cells.as_of
            and expected.product = cells.product
            and expected.demand_group = cells.demand_group
            and expected.price_tier = cells.price_tier

),

own as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        greatest(margin, 0) as margin,
        -- Without deals of its own a segment is as uncertain as its margin is large.
        case when n > 1 then greatest(spread, 0) else power(margin, 2) end / (n + weight) as margin_variance
    from shrunk

),

referred as (

    select
        own.as_of,
        'referral' as product,
        own.demand_group,
        own.price_tier,
        own.n,
        rates.rate * own.margin as margin,
        power(rates.rate, 2) * own.margin_variance + rates.rate_variance * power(own.margin, 2) as margin_variance
    from own
    inner join rates
        on
            own.as_of = rates.as_of
            and own.demand_group = rates.demand_group
            and own.price_tier = rates.price_tier
            and rates.product = 'next_deal'
            and rates.state = 'lead_week'
    where own.product = 'next_deal'

),

final as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        round(margin, 4) as margin,
        round(margin_variance, 4) as margin_variance
    from own
    union all
    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        round(margin, 4) as margin,
        round(margin_variance, 4) as margin_variance
    from referred

)

select * from final
