-- Expected contribution of each customer by product. The probability comes from a model if a model has scored the
-- customer, otherwise from the shrunk rate of the cell; it is assumed if no customer of the state was observed. Years
-- two and three use the rates of the later state.
{{ config(materialized='table') }}

with states as (

    select * from {{ ref('int_value_states__by_customer_landmark') }}
    where age_days = 0

),

rates as (

    select * from {{ ref('int_value_rates') }}

),

{% for decision in ['after_decision', 'without_decision'] -%}
-- Only for the next deal: a join whose condition compares a column of the left side with a constant would become a
-- nested loop.
{{ decision }} as (

    select
        as_of,
        state,
        demand_group,
        price_tier,
        rate,
        'next_deal' as product
    from rates
    where product = '{{ decision }}'

),

{% endfor -%}
margins as (

    select * from {{ ref('int_value_margins') }}

),

rules as (

    select * from {{ ref('value_states') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

horizons as (

    {{ grading_horizons('intent', 'tenant_loss') }}

),

features as (

    select * from {{ ref('customer_features') }}

),

scores as (

    select
        scores.as_of,
        scores.customer_key,
        scores.target,
        scores.model_version,
        {{ rounded('scores.probability', 9) }} as probability
    from {{ ref('stg_scoring__scores') }} as scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    inner join features
        on
            scores.as_of = features.as_of
            and scores.customer_key = features.customer_key
            and (
                (scores.target = 'intent' and features.is_open_lead)
                or (scores.target = 'tenant_loss' and features.is_tenant)
            )
    -- A base rate says less than the rate of the customer's own cell.
    where scores.probability_source != 'base_rate'

),

-- The intent model knows only leads in contact. Dormant and lost customers use measured rates.
customer_products as (

    select
        as_of,
        customer_key,
        demand_group,
        price_tier,
        state,
        'next_deal' as product,
        case when state in ('lead_week', 'lead_month', 'lead_quarter') then 'intent' end as target
    from states
    union all
    select
        as_of,
        customer_key,
        demand_group,
        price_tier,
        lease_state as state,
        'renewal' as product,
        'tenant_loss' as target
    from states
    where lease_state is not null
    union all
    select
        as_of,
        customer_key,
        demand_group,
        price_tier,
        state,
        'referral' as product,
        cast(null as string) as target
    from states

),

with_rates as (

    select
        customer_products.*,
        scores.model_version,
        scores.probability as model_probability,
        rates.rate as cell_rate,
        rates.rate_variance as cell_variance,
        rates.n as cell_n,
        rates.is_measured,
        after_decision.rate as rate_after,
        without_decision.rate as rate_without,
        later.rate as rate_later,
        later.rate_variance as variance_later,
        margins.margin,
        margins.margin_variance,
        cast(thresholds.value_model_weight as double) as model_weight,
        1 + cast(thresholds.value_discount_rate as double) as growth
    from customer_products
    cross join thresholds
    inner join rules on customer_products.state = rules.state
    inner join rates
        on
            customer_products.as_of = rates.as_of
            and customer_products.product = rates.product
            and customer_products.state = rates.state
            and customer_products.demand_group = rates.demand_group
            and customer_products.price_tier = rates.price_tier
    inner join rates as later
        on
            customer_products.as_of = later.as_of
            and customer_products.product = later.product
            and rules.later_state = later.state
            and customer_products.demand_group = later.demand_group
            and customer_products.price_tier = later.price_tier
    inner join margins
        on
            customer_products.as_of = margins.as_of
            and customer_products.product = margins.product
            and customer_products.demand_group = margins.demand_group
            and customer_products.price_tier = margins.price_tier
    left join after_decision
        on
            customer_products.as_of = after_decision.as_of
            and customer_products.product = after_decision.product
            and customer_products.state = after_decision.state
            and customer_products.demand_group = after_decision.demand_group
            and customer_products.price_tier = after_decision.price_tier
    left join without_decision
        on
            customer_products.as_of = without_decision.as_of
            and customer_products.product = without_decision.product
            and customer_products.state = without_decision.state
            and customer_products.demand_group = without_decision.demand_group
            and customer_products.price_tier = without_decision.price_tier
    left join scores
        on
            customer_products.as_of = scores.as_of
            and customer_products.customer_key = scores.customer_key
            and customer_products.target = scores.target

),

with_probability as (

    select
        *,
        case
            when target = 'intent' and model_probability is not null
                then model_probability * rate_after + (1 - model_probability) * rate_without
            when target = 'tenant_loss' and model_probability is not null then 1 - model_probability
            else cell_rate
        end as probability_12m
    from with_rates

),

with_variance as (

    select
        *,
        case
            when model_probability is not null then probability_12m * (1 - probability_12m) / (model_weight + 1)
            else cell_variance
        end as probability_variance,
        -- A later renewal is possible only after a renewal.
        case
            when product = 'renewal' then rate_later * greatest(probability_12m, rate_later) else rate_later
        end as rate_2,
        case
            when product = 'renewal' then power(rate_later, 2) * greatest(probability_12m, rate_later) else rate_later
        end as rate_3
    from with_probability

),

with_discount as (

    select
        *,
        power(growth, -0.5) as discount_1,
        power(growth, -1.5) as discount_2,
        power(growth, -2.5) as discount_3
    from with_variance

),

final as (

    select
        as_of,
        customer_key,
        product,
        state,
        demand_group,
        price_tier,
        case
            when model_probability is not null then target
            when is_measured then 'history'
            else 'assumed'
        end as probability_source,
        model_version,
        model_probability,
        {{ rounded('probability_12m', 6) }} as probability_12m,
        cell_n as customers_behind,
        {{ money('margin') }} as margin,
        {{ money('probability_12m * margin * discount_1') }} as value_12m,
        {{ money(
            'margin * (probability_12m * discount_1 + rate_2 * discount_2 + rate_3 * discount_3)'
        ) }} as value_36m,
        -- First-order variance of a product of two estimates. The errors of the years of one customer are fully
        -- correlated.
        power(discount_1, 2) * (
            power(margin, 2) * probability_variance
            + power(probability_12m, 2) * margin_variance
            + probability_variance * margin_variance
        ) as variance_12m,
        power(
            discount_1 * sqrt(
                power(margin, 2) * probability_variance
                + power(probability_12m, 2) * margin_variance
                + probability_variance * margin_variance
            )
            + (discount_2 + discount_3) * sqrt(
                power(margin, 2) * variance_later
                + power(rate_later, 2) * margin_variance
                + variance_later * margin_variance
            ),
            2
        ) as variance_36m
    from with_discount

)

select * from final
