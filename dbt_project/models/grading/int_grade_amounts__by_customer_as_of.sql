-- The amounts that add up to the grade score, in CNY, with the sentence that a person reads: probability, amount, and
-- the latest fact behind the state of the customer. The driver is the amount in words without numbers, so that
-- customers can be counted by it.
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

customer_states as (

    select * from {{ ref('int_value_states__by_customer_landmark') }}
    where age_days = 0

),

customers as (

    select * from {{ ref('customers') }}

),

dated_states as (

    select
        customer_states.as_of,
        customer_states.customer_key,
        cast(customers.first_known_at as date) as first_known_on,
        cast({{ dbt.dateadd('day', '-customer_states.quiet_days', 'customer_states.as_of') }} as date) as last_own_on,
        cast({{ dbt.dateadd(
            'day', '-customer_states.days_since_deal', 'customer_states.as_of'
        ) }} as date) as last_deal_on,
        cast({{ dbt.dateadd(
            'day', 'customer_states.lease_days_left', 'customer_states.as_of'
        ) }} as date) as lease_ends_on
    from customer_states
    inner join customers
        on
            customer_states.as_of = customers.as_of
            and customer_states.customer_key = customers.customer_key

),

evidence as (

    select
        as_of,
        customer_key,
        case
            when last_own_on = first_known_on
                then 'known since ' || {{ day_en('last_own_on', 'as_of') }} || ', no contact since then'
            else 'last contact by the customer ' || {{ day_en('last_own_on', 'as_of') }}
        end as own_en,
        case
            when last_own_on = first_known_on
                then {{ day_zh('last_own_on', 'as_of') }} || '建档，此后未联系'
            else '客户最近联系 ' || {{ day_zh('last_own_on', 'as_of') }}
        end as own_zh,
        'last deal ' || {{ day_en('last_deal_on', 'as_of') }} as deal_en,
        '最近成交 ' || {{ day_zh('last_deal_on', 'as_of') }} as deal_zh,
        'lease ends on ' || {{ day_en('lease_ends_on', 'as_of') }} as lease_en,
        '租约到期 ' || {{ day_zh('lease_ends_on', 'as_of') }} as lease_zh
    from dated_states

),

worded_products as (

    select
        products.*,
        labels.label_en as product_en,
        labels.label_zh as product_zh,
        states.label_en as state_en,
        states.label_zh as state_zh,
        levels.label_en as intent_en,
        levels.label_zh as intent_zh,
        case
            when products.product = 'renewal' then evidence.lease_en
            when products.state like 'buyer%' then evidence.deal_en
            when products.state in ('lead_week', 'lead_month', 'lead_quarter', 'lead_dormant', 'lead_lost')
                then evidence.own_en
            else lower(substr(states.label_en, 1, 1)) || substr(states.label_en, 2)
        end as evidence_en,
        case
            when products.product = 'renewal' then evidence.lease_zh
            when products.state like 'buyer%' then evidence.deal_zh
            when products.state in ('lead_week', 'lead_month', 'lead_quarter', 'lead_dormant', 'lead_lost')
                then evidence.own_zh
            else states.label_zh
        end as evidence_zh
    from products
    inner join evidence
        on
            products.as_of = evidence.as_of
            and products.customer_key = evidence.customer_key
    inner join states on products.state = states.state
    inner join labels
        on
            products.product = labels.product
            and products.demand_group = labels.demand_group
    left join levels
        on
            products.probability_source = 'intent'
            and {{ in_band(rounded('products.model_probability', 6), 'levels', 'min_probability', 'max_probability') }}

),

final as (

    select
        as_of,
        customer_key,
        product as component,
        product_en
        || case
            when probability_12m = 0 then ': none expected; '
            else
                ': ' || {{ percent('probability_12m') }} || ' chance within 12 months, expected contribution '
                || {{ money_en('value_12m') }} || '; '
        end
        || evidence_en || coalesce('; intent ' || lower(intent_en), '') as reason_en,
        case
            when probability_12m = 0 then '一年内预计无' || product_zh || '；'
            else
                '一年内' || product_zh || '概率 ' || {{ percent('probability_12m') }} || '，预计贡献 '
                || {{ money_zh('value_12m') }} || '；'
        end
        || evidence_zh || coalesce('；意向' || intent_zh, '') as reason_zh,
        product_en || ': ' || lower(substr(state_en, 1, 1)) || substr(state_en, 2)
        || coalesce('; intent ' || lower(intent_en), '') as driver_en,
        product_zh || '：' || state_zh || coalesce('；意向' || intent_zh, '') as driver_zh,
        probability_source,
        probability_12m,
        margin,
        value_12m as amount
    from worded_products
    union all
    select
        conduct.as_of,
        conduct.customer_key,
        conduct.rule as component,
        rules.label_en || ': ' || case when rules.share < 0 then '−' else '+' end
        || {{ formatted("'{:.0f} %'", "'%.0f %%'", 'abs(cast(rules.share as double)) * 100') }}
        || ' of the expected contribution ('
        || {{ money_en('abs(' ~ wide('expected_values.value_12m') ~ ' * rules.share)') }} || ')' as reason_en,
        rules.label_zh || '：预计贡献' || case when rules.share < 0 then '下调 ' else '上调 ' end
        || {{ formatted("'{:.0f} %'", "'%.0f %%'", 'abs(cast(rules.share as double)) * 100') }}
        || '（' || {{ money_zh('abs(' ~ wide('expected_values.value_12m') ~ ' * rules.share)') }} || '）' as reason_zh,
        rules.label_en as driver_en,
        rules.label_zh as driver_zh,
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
