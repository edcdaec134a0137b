-- Expected value of a customer: the sum of its products. The 80 % interval is the interval of the expectation, from a
-- log-normal distribution with the same mean and variance (Fenton–Wilkinson), so it cannot be negative. It is not the
-- interval of what a single customer will contribute.
{% set z = 1.2815515655 %}

with products as (

    select * from {{ ref('int_value_products__by_customer_as_of') }}

),

-- Rounded to whole units before the sum: a sum of doubles depends on the row order.
product_sums as (

    select
        as_of,
        customer_key,
        {{ money('sum(value_12m)') }} as value_12m,
        {{ money('sum(value_36m)') }} as value_36m,
        sum(cast({{ rounded('variance_12m', 2) }} as decimal(38, 2))) as variance_12m,
        sum(cast({{ rounded('variance_36m', 2) }} as decimal(38, 2))) as variance_36m,
        {%- for product in ['next_deal', 'renewal', 'referral'] %}
        max(case when product = '{{ product }}' then value_12m end) as {{ product }}_12m,
        max(case when product = '{{ product }}' then probability_12m end) as {{ product }}_probability_12m,
        max(case when product = '{{ product }}' then probability_source end) as {{ product }}_source,
        {%- endfor %}
        max(case when product = 'next_deal' then state end) as state,
        max(case when product = 'renewal' then state end) as lease_state,
        max(case when product = 'next_deal' then model_version end) as intent_model_version,
        max(case when product = 'renewal' then model_version end) as tenant_loss_model_version
    from products
    group by as_of, customer_key

),

with_log_variance as (

    select
        *,
        {%- for horizon in ['12m', '36m'] %}
        case
            when value_{{ horizon }} > 0
                then ln(1 + cast(variance_{{ horizon }} as double) / power(cast(value_{{ horizon }} as double), 2))
        end as log_variance_{{ horizon }},
        {%- endfor %}
        cast(value_12m as double) as mean_12m,
        cast(value_36m as double) as mean_36m
    from product_sums

),

final as (

    select
        as_of,
        customer_key,
        state,
        lease_state,
        next_deal_source,
        renewal_source,
        intent_model_version,
        tenant_loss_model_version,
        next_deal_probability_12m,
        renewal_probability_12m,
        referral_probability_12m,
        next_deal_12m,
        renewal_12m,
        referral_12m,
        value_12m,
        {{ money(
            'coalesce(mean_12m * exp(-' ~ z ~ ' * sqrt(log_variance_12m) - log_variance_12m / 2), 0)'
        ) }} as value_12m_low,
        -- With an estimate close to zero, the mean may exceed the ninth decile.
        {{ money(
            'greatest(coalesce(mean_12m * exp(' ~ z ~ ' * sqrt(log_variance_12m) - log_variance_12m / 2), 0), mean_12m)'
        ) }} as value_12m_high,
        value_36m,
        {{ money(
            'coalesce(mean_36m * exp(-' ~ z ~ ' * sqrt(log_variance_36m) - log_variance_36m / 2), 0)'
        ) }} as value_36m_low,
        -- With an estimate close to zero, the mean may exceed the ninth decile.
        {{ money(
            'greatest(coalesce(mean_36m * exp(' ~ z ~ ' * sqrt(log_variance_36m) - log_variance_36m / 2), 0), mean_36m)'
        ) }} as value_36m_high
    from with_log_variance

)

select * from final
