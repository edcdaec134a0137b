-- Evidence of each label of a customer, as a text. A text of a source is repeated only if the rules know it, and
-- amounts are never repeated: a phone number in the wrong column would be published with them.
{% set nothing = "'nothing known'" %}
{% set unobserved = "'no source tells of contacts'" %}

with profile as (

    select * from {{ ref('int_profile__by_customer_as_of') }}

),

customers as (

    select * from {{ ref('customers') }}

),

facts as (

    select * from {{ ref('int_profile_facts__by_customer_as_of') }}

),

features as (

    select * from {{ ref('customer_features') }}

),

loyalty as (

    select * from {{ ref('int_loyalty__by_customer_as_of') }}

),

joined as (

    select
        profile.*,
        customers.customer_kind as stated_kind,
        customers.demand_type as stated_demand,
        customers.purpose as stated_purpose,
        customers.stated_words,
        customers.lead_status_at,
        cast(customers.budget_max_wan as double) as budget_wan,
        facts.income_band as stated_income,
        facts.agent_contacts_total,
        facts.price_complaints,
        facts.largest_sale_wan,
        facts.payment_plan,
        facts.last_viewed_on,
        facts.last_reversed_on,
        facts.subscription_reversed_on,
        features.days_since_agent_contact,
        features.days_since_customer_event,
        features.viewings_60d,
        {{ rounded('features.online_share', 2) }} as online_share,
        loyalty.need,
        loyalty.loyalty,
        loyalty.value_points,
        'deals ' || cast(profile.deals as string)
        || ', open subscriptions ' || cast(profile.open_subscriptions as string) as deals_told,
        coalesce(', last deal ' || cast(profile.recency_days as string) || ' days ago', '') as last_deal_told,
        case when profile.lead_status != 'unknown' then ', status ' || profile.lead_status else '' end as status_told,
        case
            when profile.intent_probability is not null
                then 'model: ' || cast(profile.intent_probability as string)
            when profile.intent != 'unknown' then 'stated: ' || customers.stated_words
            when customers.stated_words is not null then 'stated in words that the rules do not know'
            else {{ nothing }}
        end as intent_told
    from profile
    inner join customers on profile.as_of = customers.as_of and profile.customer_key = customers.customer_key
    inner join facts on profile.as_of = facts.as_of and profile.customer_key = facts.customer_key
    inner join features on profile.as_of = features.as_of and profile.customer_key = features.customer_key
    inner join loyalty on profile.as_of = loyalty.as_of and profile.customer_key = loyalty.customer_key

),

final as (

    select
        as_of,
        customer_key,
        {{ stated_evidence('stated_income', 'income_band') }} as income_band_evidence,
        {{ stated_evidence('stated_kind', 'customer_kind') }} as customer_kind_evidence,
        deals_told || last_deal_told
        || coalesce(', last viewing ' || cast(last_viewed_on as string), '')
        || coalesce(', last reversal ' || cast(last_reversed_on as string), '') as stage_evidence,
        {{ stated_evidence('stated_demand', 'demand_type') }} as demand_type_evidence,
        {{ stated_evidence('stated_purpose', 'purpose') }} as purpose_evidence,
        coalesce('first channel: ' || first_channel, {{ nothing }}) as source_kind_evidence,
        intent_told as intent_evidence,
        intent_told as intent_kind_evidence,
        case
            when largest_sale_wan is not null
                then 'largest purchase' || coalesce(', payment plan ' || payment_plan, '')
            when budget_wan is not null then 'latest upper budget'
            else {{ nothing }}
        end as purchasing_power_evidence,
        'agent contacts ' || cast(agent_contacts_total as string)
        || coalesce(', last ' || cast(days_since_agent_contact as string) || ' days ago', '')
        || status_told as follow_up_evidence,
        'quiet for ' || cast(quiet_days as string) || ' days, known for ' || cast(known_days as string) || ' days'
        || last_deal_told || status_told as lifecycle_evidence,
        case
            when not is_dormancy_available then {{ unobserved }}
            else coalesce(
                'last contact of their own ' || cast(days_since_customer_event as string) || ' days ago',
                'no contact of their own'
            )
        end as behaviour_evidence,
        case
            when lead_status = 'unknown' then {{ nothing }}
            else 'stated, counts from ' || cast(cast(lead_status_at as date) as string)
        end as lead_status_evidence,
        deals_told || ', viewings in 60 days ' || cast(viewings_60d as string)
        || ', intent ' || intent as customer_group_evidence,
        case
            when not is_dormancy_available then {{ unobserved }}
            else 'complaints about the price ' || cast(price_complaints as string)
        end as price_sensitivity_evidence,
        coalesce(
            'share of their own contacts online ' || cast(online_share as string),
            case when is_dormancy_available then 'no contact of their own' else {{ unobserved }} end
        ) as contact_channel_evidence,
        coalesce(
            'subscribed on ' || cast(subscribed_on as string)
            || coalesce(', signed on ' || cast(subscription_signed_on as string), '')
            || coalesce(', reversed on ' || cast(subscription_reversed_on as string), ''),
            'no subscription known'
        ) as subscription_status_evidence,
        'deals ' || cast(deals as string) || ', referrals ' || cast(referrals_total as string)
        || coalesce(', satisfaction ' || cast(satisfaction_last as string), '')
        || ', known for ' || cast(known_days as string) || ' days' as loyalty_evidence,
        'points ' || cast(value_points as string) || ': purchasing power ' || purchasing_power || ', need ' || need
        || ', loyalty ' || loyalty || ', referrals ' || cast(referrals_total as string) as value_level_evidence
    from joined

)

select * from final
