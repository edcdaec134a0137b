-- What a deal or a renewal of a segment brings in the year in which it happens, CNY: the mean of the customers who had
-- one in the latest years. Each segment is shrunk towards the others of its demand group, as its purchasing power lets
-- expect, these towards the rule, and the rule towards what the other demand groups bring against theirs: no deal
-- counts twice. A referral brings what a lead in touch does.
{{ config(materialized='table') }}

with brought as (

    select * from {{ ref('int_value_amounts__by_customer_year') }}

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

cells as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        count(*) as n,
        sum(amount) as total,
        -- Exact sums of decimals do not depend on the order of rows; a sum of squares of doubles would.
        sum(cast(amount as decimal(38, 2)) * cast(amount as decimal(38, 2))) as squares
    from brought
    group by as_of, product, demand_group, price_tier

),

segments as (

    select distinct
        as_of,
        demand_group,
        price_tier
    from rates

),

-- In units of what the purchasing power of a segment lets expect, and these in units of the rule.
scaled as (

    select
        segments.as_of,
        rules.product,
        segments.demand_group,
        segments.price_tier,
        cast(thresholds.value_margin_weight as double) as weight,
        cast(rules.prior_margin as double) as prior_margin,
        -- The budget of a tenant is a rent: it stands on no level of prices.
        case
            when rules.product = 'next_deal' and segments.demand_group != 'rental'
                then coalesce(cast(purchasing_power.deal_factor as double), 1)
            else 1
        end as deal_factor,
        coalesce(cells.n, 0) as n,
        coalesce(cast(cells.total as double), 0) as total,
        coalesce(cast(cells.squares as double), 0) as squares
    from segments
    cross join thresholds
    inner join rules
        on
            segments.demand_group = rules.demand_group
            and rules.product != 'referral'
    left join purchasing_power on segments.price_tier = purchasing_power.level
    left join cells
        on
            segments.as_of = cells.as_of
            and rules.product = cells.product
            and segments.demand_group = cells.demand_group
            and segments.price_tier = cells.price_tier

),

united as (

    select
        *,
        cast(total / deal_factor as decimal(38, 6)) as unit_total,
        cast(squares / power(deal_factor, 2) as decimal(38, 6)) as unit_squares,
        coalesce(cast(total / deal_factor / nullif(prior_margin, 0) as decimal(38, 9)), 0) as rule_total,
        coalesce(cast(squares / power(deal_factor * nullif(prior_margin, 0), 2) as decimal(38, 9)), 0) as rule_squares,
        case when prior_margin > 0 then n else 0 end as rule_n
    from scaled

),

-- What the others tell: of the demand group without the segment itself, of the product without the demand group.
others as (

    select
        *,
        sum(n) over (partition by as_of, product, demand_group) - n as group_n,
        cast(
            sum(unit_total) over (partition by as_of, product, demand_group) - unit_total as double
        ) as group_total,
        cast(
            sum(unit_squares) over (partition by as_of, product, demand_group) - unit_squares as double
        ) as group_squares,
        sum(rule_n) over (partition by as_of, product)
        - sum(rule_n) over (partition by as_of, product, demand_group) as other_n,
        cast(
            sum(rule_total) over (partition by as_of, product)
            - sum(rule_total) over (partition by as_of, product, demand_group) as double
        ) as other_total,
        cast(
            sum(rule_squares) over (partition by as_of, product)
            - sum(rule_squares) over (partition by as_of, product, demand_group) as double
        ) as other_squares
    from united

),

-- How much the other demand groups bring for one of their rule.
ruled as (

    select
        *,
        prior_margin * (
            other_total + {{ prior_pull('other_n', 'other_total', 'other_squares', '1', 'weight') }}
        ) / (
            other_n + {{ prior_pull('other_n', 'other_total', 'other_squares', '1', 'weight') }}
        ) as ruled_margin
    from others

),

grouped as (

    select
        *,
        deal_factor * (
            group_total
            + {{ prior_pull('group_n', 'group_total', 'group_squares', 'ruled_margin', 'weight') }} * ruled_margin
        ) / (
            group_n + {{ prior_pull('group_n', 'group_total', 'group_squares', 'ruled_margin', 'weight') }}
        ) as expected_margin
    from ruled

),

pulled as (

    select
        *,
        {{ prior_pull('n', 'total', 'squares', 'expected_margin', 'weight') }} as pull
    from grouped

),

own as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        (total + pull * expected_margin) / (n + pull) as margin,
        -- Without deals of its own a segment is as uncertain as its margin is large.
        ({{ squared_spread('n', 'total', 'squares') }} + power((total + pull * expected_margin) / (n + pull), 2))
        / (n + 1) / (n + pull) as margin_variance
    from pulled

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
