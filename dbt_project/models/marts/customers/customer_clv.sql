with run as (

    select * from {{ ref('stg_scope__run') }}

),

valued as (

    select * from {{ ref('int_value__by_customer_as_of') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

states as (

    select * from {{ ref('value_states') }}

),

final as (

    select
        valued.as_of,
        ids.customer_id,
        valued.state as value_state,
        states.label_en as value_state_en,
        states.label_zh as value_state_zh,
        valued.lease_state,
        valued.value_12m,
        valued.value_12m_low,
        valued.value_12m_high,
        valued.value_36m,
        valued.value_36m_low,
        valued.value_36m_high,
        valued.next_deal_12m,
        coalesce(valued.renewal_12m, 0) as renewal_12m,
        valued.referral_12m,
        cast(valued.next_deal_probability_12m as double) as next_deal_probability_12m,
        cast(valued.renewal_probability_12m as double) as renewal_probability_12m,
        cast(valued.referral_probability_12m as double) as referral_probability_12m,
        valued.next_deal_source,
        valued.renewal_source,
        valued.intent_model_version,
        valued.tenant_loss_model_version,
        run.rule_version
    from valued
    inner join run on valued.as_of = run.publication_as_of
    inner join ids on valued.customer_key = ids.customer_key
    inner join states on valued.state = states.state

)

select * from final
