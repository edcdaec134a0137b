-- The amounts that add up to the grade score, in CNY.
with products as (

    select * from {{ ref('int_value_products__by_customer_as_of') }}

),

expected_values as (

    select * from {{ ref('int_value__by_customer_as_of') }}

),

conduct as (

    select * from {{ ref('int_conduct__by_customer_as_of') }}

),

rules as (

    select * from {{ ref('conduct_rules') }}

),

states as (

    select * from {{ ref('value_states') }}

),

labels as (

    select * from {{ ref('value_margins') }}

),

levels as (

    select * from {{ ref('intent_levels') }}

),

final as (

    select
        products.as_of,
        products.customer_key,
        products.product as component,
        labels.label_en || ': ' || lower(substr(states.label_en, 1, 1)) || substr(states.label_en, 2)
        || coalesce('; intent ' || lower(levels.label_en), '') as reason_en,
        labels.label_zh || '：' || states.label_zh || coalesce('；意向' || levels.label_zh, '') as reason_zh,
        products.probability_source,
        products.probability_12m,
        products.margin,
        products.value_12m as amount
    from products
    inner join states on products.state = states.state
    inner join labels
        on
            products.product = labels.product
            and products.demand_group = labels.demand_group
    left join levels
        on
            products.probability_source = 'intent'
            and {{ in_band('round(products.model_probability, 6)', 'levels', 'min_probability', 'max_probability') }}
    union all
    select
        conduct.as_of,
        conduct.customer_key,
        conduct.rule as component,
        rules.label_en as reason_en,
        rules.label_zh as reason_zh,
        'rule' as probability_source,
        cast(null as double) as probability_12m,
        cast(null as decimal(18, 4)) as margin,
        {{ money(wide('expected_values.value_12m') ~ ' * rules.share') }} as amount
    from conduct
    inner join rules on conduct.rule = rules.rule
    inner join expected_values
        on
            conduct.as_of = expected_values.as_of
            and conduct.customer_key = expected_values.customer_key

)

select * from final
