{{ config(materialized='table') }}

with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

last_events as (

    select
        as_of,
        customer_key,
        max(occurred_at) as last_event_at
    from interactions
    where is_customer_initiated
    group by as_of, customer_key

),

-- Contacts after the last event are strictly later: a contact at the same moment belongs to the event. Without an
-- event, all contacts count.
contacts as (

    select
        interactions.as_of,
        interactions.customer_key,
        interactions.answered,
        interactions.campaign,
        interactions.days_ago,
        last_events.last_event_at is null
        or interactions.occurred_at > last_events.last_event_at as is_since_last_event
    from interactions
    left join last_events
        on
            interactions.as_of = last_events.as_of
            and interactions.customer_key = last_events.customer_key
    where interactions.is_agent_contact

),

final as (

    select
        as_of,
        customer_key,
        min(days_ago) as days_since_agent_contact,
        min(case when answered then days_ago end) as days_since_answered_contact,
        count(case when days_ago < 30 then 1 end) as agent_contacts_30d,
        count(case when days_ago < 30 and not answered then 1 end) as unanswered_contacts_30d,
        count(case when days_ago < 90 and answered then 1 end) as answered_contacts_90d,
        count(case when days_ago < 90 and answered is not null then 1 end) as known_contacts_90d,
        count(case when is_since_last_event and answered then 1 end) as answered_since_last_event,
        count(case when is_since_last_event and not answered then 1 end) as unanswered_since_last_event,
        count(case when campaign is not null and days_ago < 60 then 1 end) as winback_contacts_60d,
        count(campaign) as winback_contacts_total
    from contacts
    group by as_of, customer_key

)

select * from final
