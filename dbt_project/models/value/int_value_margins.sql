-- Contribution of a deal or a renewal in the year in which it happens, by segment, in CNY: the mean over the customers
-- who had one in the latest years. Shrinkage in three steps, so that no deal counts twice: a segment towards the other
-- segments of its demand group (scaled by the deal factor of its price tier), a demand group towards the rule, the rule
-- towards the ratio of contribution to rule in the other demand groups. A referral contributes the expected value of a
-- lead in contact: its rate times its margin.
{{ config(materialized='table') }}

with contributions as (

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
        -- Exact sums of decimals do not depend on the row order; sums of squared doubles do.
        sum(cast(amount as decimal(38, 2)) * cast(amount as decimal(38, 2))) as squares
    from contributions
    group by as_of, product, demand_group, price_tier

),

segments as (

    select distinct
        as_of,
        demand_group,
        price_tier
    from rates

),

-- Amounts in units of the deal factor, and these in units of the prior margin.
segment_totals as (

    select
        segments.as_of,
        rules.product,
        segments.demand_group,
        segments.price_tier,
        cast(thresholds.value_margin_weight as double) as weight,
        cast(rules.prior_margin as double) as prior_margin,
        -- The budget of a tenant is a rent and has no price tier.
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

in_units as (

    select
        *,
        {{ exact('total / deal_factor', 6) }} as unit_total,
        {{ exact('squares / power(deal_factor, 2)', 6) }} as unit_squares,
        coalesce({{ exact('total / deal_factor / nullif(prior_margin, 0)', 9) }}, 0) as rule_total,
        coalesce({{ exact('squares / power(deal_factor * nullif(prior_margin, 0), 2)', 9) }}, 0) as rule_squares,
        case when prior_margin > 0 then n else 0 end as rule_n
    from segment_totals

),

-- Totals of the others: of the demand group without the segment, and of the product without the demand group.
totals_of_others as (

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
    from in_units

),

-- Contribution of the other demand groups in units of their prior margins, times the own prior margin.
with_rule_margin as (

    select
        *,
        prior_margin * (
            other_total + {{ prior_pull('other_n', 'other_total', 'other_squares', '1', 'weight') }}
        ) / (
            other_n + {{ prior_pull('other_n', 'other_total', 'other_squares', '1', 'weight') }}
        ) as rule_margin
    from totals_of_others

),

with_expected_margin as (

    select
        *,
        deal_factor * (
            group_total
            + {{ prior_pull('group_n', 'group_total', 'group_squares', 'rule_margin', 'weight') }} * rule_margin
        ) / (
            group_n + {{ prior_pull('group_n', 'group_total', 'group_squares', 'rule_margin', 'weight') }}
        ) as expected_margin
    from with_rule_margin

),

with_prior_weight as (

    select
        *,
        {{ prior_pull('n', 'total', 'squares', 'expected_margin', 'weight') }} as prior_n
    from with_expected_margin

),

shrunk as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        (total + prior_n * expected_margin) / (n + prior_n) as margin,
        -- Without own deals, the standard deviation of a single deal is set to the margin.
        ({{ squared_spread('n', 'total', 'squares') }} + power((total + prior_n * expected_margin) / (n + prior_n), 2))
        / (n + 1) / (n + prior_n) as margin_variance
    from with_prior_weight

),

referral_margins as (

    select
        shrunk.as_of,
        'referral' as product,
        shrunk.demand_group,
        shrunk.price_tier,
        shrunk.n,
        rates.rate * shrunk.margin as margin,
        power(rates.rate, 2) * shrunk.margin_variance + rates.rate_variance * power(shrunk.margin, 2) as margin_variance
    from shrunk
    inner join rates
        on
            shrunk.as_of = rates.as_of
            and shrunk.demand_group = rates.demand_group
            and shrunk.price_tier = rates.price_tier
            and rates.product = 'next_deal'
            and rates.state = 'lead_week'
    where shrunk.product = 'next_deal'

),

final as (

    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        {{ rounded('margin', 4) }} as margin,
        {{ rounded('margin_variance', 4) }} as margin_variance
    from shrunk
    union all
    select
        as_of,
        product,
        demand_group,
        price_tier,
        n,
        {{ rounded('margin', 4) }} as margin,
        {{ rounded('margin_variance', 4) }} as margin_variance
    from referral_margins

)

select * from final
