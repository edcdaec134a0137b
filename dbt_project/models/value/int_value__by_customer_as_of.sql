-- The products of a customer summed. The 80 % interval is that of the expectation, from a log-normal of the same mean
-- and variance (Fenton–Wilkinson): it cannot fall below nothing. It is no interval of what one customer will bring.
{% set z = 1.2815515655 %}

with products as (

    select * from {{ ref('int_value_products__by_customer_as_of') }}

),

-- Rounded to whole units first: sums of doubles would depend on the order of rows.
summed as (

    select
        as_of,
        customer_key,
        {{ money('sum(value_12m)') }} as value_12m,
        {{ money('sum(value_36m)') }} as value_36m,
        sum(cast(round(variance_12m, 2) as decimal(38, 2))) as variance_12m,
        sum(cast(round(variance_36m, 2) as decimal(38, 2))) as variance_36m,
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

widened as (

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
    from summed

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
        -- Where the estimate is next to nothing, its mean may lie above the ninth decile.
        {{ money(
            'greatest(coalesce(mean_12m * exp(' ~ z ~ ' * sqrt(log_variance_12m) - log_variance_12m / 2), 0), mean_12m)'
        ) }} as value_12m_high,
        value_36m,
        {{ money(
            'coalesce(mean_36m * exp(-' ~ z ~ ' * sqrt(log_variance_36m) - log_variance_36m / 2), 0)'
        ) }} as value_36m_low,
        -- Where the estimate is next to nothing, its mean may lie above the ninth decile.
        {{ money(
            'greatest(coalesce(mean_36m * exp(' ~ z ~ ' * sqrt(log_variance_36m) - log_variance_36m / 2), 0), mean_36m)'
        ) }} as value_36m_high
    from widened

)

select * from final
