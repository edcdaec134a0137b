with run as (

    select * from {{ ref('stg_scope__run') }}

),

expected_values as (

    {{ on_published_day('int_value__by_customer_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

states as (

    select * from {{ ref('value_states') }}

),

final as (

    select
        expected_values.as_of,
        ids.customer_id,
        expected_values.state as value_state,
        states.label_en as value_state_en,
        states.label_zh as value_state_zh,
        expected_values.lease_state,
        expected_values.value_12m,
        expected_values.value_12m_low,
        expected_values.value_12m_high,
        expected_values.value_36m,
        expected_values.value_36m_low,
        expected_values.value_36m_high,
        expected_values.next_deal_12m,
        coalesce(expected_values.renewal_12m, 0) as renewal_12m,
        expected_values.referral_12m,
        cast(expected_values.next_deal_probability_12m as double) as next_deal_probability_12m,
        cast(expected_values.renewal_probability_12m as double) as renewal_probability_12m,
        cast(expected_values.referral_probability_12m as double) as referral_probability_12m,
        expected_values.next_deal_source,
        expected_values.renewal_source,
        expected_values.intent_model_version,
        expected_values.tenant_loss_model_version,
        run.rule_version
    from expected_values
    cross join run
    inner join ids on expected_values.customer_key = ids.customer_key
    inner join states on expected_values.state = states.state

)

select * from final
