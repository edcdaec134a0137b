-- Labels of a customer as codes. Unknown labels have the code `unknown`.
{{ config(materialized='table') }}

with customers as (

    select * from {{ ref('customers') }}

),

facts as (

    select * from {{ ref('int_profile_facts__by_customer_as_of') }}

),

features as (

    select * from {{ ref('customer_features') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

demand as (

    select * from {{ ref('customer_demand') }}

),

horizons as (

    {{ grading_horizons('intent') }}

),

intents as (

    select
        scores.as_of,
        scores.customer_key,
        levels.level,
        scores.model_version,
        {{ rounded('scores.probability', 2) }} as probability
    from {{ ref('stg_scoring__scores') }} as scores
    inner join horizons
        on
            scores.target = horizons.target
            and scores.horizon_days = horizons.horizon_days
    inner join {{ ref('customer_features') }} as open_leads
        on
            scores.as_of = open_leads.as_of
            and scores.customer_key = open_leads.customer_key
            and open_leads.is_open_lead
            -- A base rate says less than the intent that the lead stated.
            and scores.probability_source != 'base_rate'
    inner join {{ ref('intent_levels') }} as levels
        on {{ in_band(rounded('scores.probability', 6), 'levels', 'min_probability', 'max_probability') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

follow_ups as (

    select * from {{ ref('follow_ups') }}

),

purchasing_power as (

    select * from {{ ref('purchasing_power') }}

),

joined as (

    select
        customers.*,
        facts.occupation,
        facts.industry,
        facts.income_band,
        facts.subscribed_on,
        facts.subscription_amount,
        facts.subscription_currency,
        facts.subscription_signed_on,
        facts.subscription_reversed_on,
        facts.is_subscription_cancelled,
        facts.last_reversed_on,
        facts.last_viewed_on,
        facts.agent_contacts_total,
        facts.price_complaints,
        -- A price that was paid precedes a budget that was asked for.
        coalesce(facts.largest_sale_wan, cast(customers.budget_max_wan as double)) as price_wan,
        coalesce(facts.largest_means_wan, cast(customers.budget_max_wan as double)) as means_wan,
        features.days_since_agent_contact,
        features.online_share,
        features.viewings_60d,
        features.referrals_total,
        features.satisfaction_last,
        lifecycle.lifecycle_stage,
        lifecycle.behaviour as behaviour_found,
        lifecycle.known_days,
        lifecycle.quiet_days,
        coalesce(rfm.frequency, 0) as deals,
        coalesce(rfm.open_subscriptions, 0) as open_subscriptions,
        rfm.recency_days,
        demand.district,
        demand.layout,
        demand.area_min,
        demand.area_max,
        intents.level as intent_level,
        intents.probability as intent_probability,
        thresholds.served_within_days,
        -- A follow-up is not overdue before the follow-up of the stage is due.
        greatest(thresholds.follow_up_days, coalesce(follow_ups.every_days, 0)) as follow_up_days,
        thresholds.first_follow_up_days,
        thresholds.high_end_budget_wan
    from customers
    cross join thresholds
    inner join facts on customers.as_of = facts.as_of and customers.customer_key = facts.customer_key
    inner join features on customers.as_of = features.as_of and customers.customer_key = features.customer_key
    inner join lifecycle on customers.as_of = lifecycle.as_of and customers.customer_key = lifecycle.customer_key
    left join follow_ups on lifecycle.lifecycle_stage = follow_ups.stage
    left join rfm on customers.as_of = rfm.as_of and customers.customer_key = rfm.customer_key
    left join demand on customers.as_of = demand.as_of and customers.customer_key = demand.customer_key
    left join intents on customers.as_of = intents.as_of and customers.customer_key = intents.customer_key

),

final as (

    select
        joined.as_of,
        joined.customer_key,
        joined.occupation,
        joined.industry,
        joined.district,
        joined.layout,
        joined.first_channel,
        joined.subscription_currency,
        case
            when joined.income_band in ('high', 'middle', 'low') then joined.income_band else 'unknown'
        end as income_band,
        case
            when joined.customer_kind in ('individual', 'corporate', 'institutional') then joined.customer_kind
            else 'unknown'
        end as customer_kind,
        case
            when joined.deals > 0 and joined.recency_days <= joined.served_within_days then 'signing'
            when joined.deals > 0 then 'after_sales'
            when joined.open_subscriptions > 0 then 'subscription'
            -- A cancelled deal moves the stage back. Viewings before the cancellation no longer count.
            when
                joined.last_viewed_on > joined.last_reversed_on
                or (joined.last_viewed_on is not null and joined.last_reversed_on is null)
                then 'viewing'
            when joined.is_dormancy_available or joined.last_reversed_on is not null then 'enquiry'
            else 'unknown'
        end as stage,
        case
            when joined.demand_type in ('buy', 'rent', 'invest', 'exchange') then joined.demand_type else 'unknown'
        end as demand_type,
        case
            when joined.purpose in ('first_home', 'own_use', 'improvement', 'investment') then joined.purpose
            else 'unknown'
        end as purpose,
        case
            when joined.first_channel like 'online/%' then 'online'
            when joined.first_channel like 'offline/%' then 'offline'
            else 'unknown'
        end as source_kind,
        coalesce(joined.intent_level, joined.stated_intent, 'unknown') as intent,
        case
            when joined.intent_level in ('high', 'middle') then 'intending'
            when joined.intent_level = 'low' then 'potential'
            else coalesce(joined.stated_intent_kind, 'unknown')
        end as intent_kind,
        joined.intent_probability,
        coalesce(joined.lead_status, 'unknown') as lead_status,
        coalesce(purchasing_power.level, 'unknown') as purchasing_power,
        case
            when joined.lifecycle_stage = 'lost' then 'lost'
            when not joined.is_dormancy_available then 'unknown'
            when joined.agent_contacts_total = 0 and joined.known_days <= joined.first_follow_up_days then 'first'
            when coalesce(joined.days_since_agent_contact, joined.known_days) > joined.follow_up_days then 'overdue'
            when joined.agent_contacts_total = 0 then 'overdue'
            when joined.agent_contacts_total = 1 then 'first'
            else 'continuing'
        end as follow_up,
        case
            when joined.lifecycle_stage = 'not_available' then 'unknown' else joined.lifecycle_stage
        end as lifecycle,
        case
            when joined.behaviour_found = 'not_available' then 'unknown' else joined.behaviour_found
        end as behaviour,
        case
            when joined.deals > 0 or joined.open_subscriptions > 0 then 'existing'
            when
                joined.lifecycle_stage != 'lost'
                and (
                    joined.intent_level in ('high', 'middle')
                    or (joined.intent_level is null and joined.stated_intent_kind = 'intending')
                    or joined.viewings_60d > 0
                )
                then 'potential'
            else 'non_buyer'
        end as customer_group,
        case when joined.price_complaints > 0 then 'high' else 'unknown' end as price_sensitivity,
        case
            when joined.online_share >= 0.5 then 'online'
            when joined.online_share < 0.5 then 'offline'
            else 'unknown'
        end as contact_channel,
        case
            when joined.subscribed_on is null then 'none'
            when joined.is_subscription_cancelled then 'reversed'
            when joined.subscription_signed_on is not null then 'converted'
            when joined.subscription_reversed_on is not null then 'reversed'
            else 'open'
        end as subscription_status,
        joined.price_wan >= joined.high_end_budget_wan as is_high_end,
        joined.deals,
        joined.open_subscriptions,
        joined.referrals_total,
        joined.satisfaction_last,
        joined.known_days,
        joined.quiet_days,
        joined.recency_days,
        joined.is_dormancy_available,
        joined.area_min,
        joined.area_max,
        joined.budget_min,
        joined.budget_max,
        joined.budget_currency,
        joined.subscribed_on,
        joined.subscription_amount,
        joined.subscription_signed_on
    from joined
    left join purchasing_power
        on {{ in_band('joined.means_wan', 'purchasing_power', 'min_budget_wan', 'max_budget_wan') }}

)

select * from final
