{% set counts = [
    'customer_events_7d', 'customer_events_30d', 'customer_events_60d', 'customer_events_90d', 'customer_events_total',
    'viewings_60d', 'viewings_total', 'appointments_cancelled_90d', 'complaints_90d', 'complaints_180d',
    'complaints_total', 'referrals_180d', 'referrals_total', 'satisfaction_count'
] %}
{% set contact_counts = [
    'agent_contacts_30d', 'unanswered_contacts_30d', 'answered_since_last_event', 'unanswered_since_last_event',
    'winback_contacts_60d', 'winback_contacts_total'
] %}

with customers as (

    select * from {{ ref('customers') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

engagement as (

    select * from {{ ref('int_engagement__by_customer_as_of') }}

),

needs as (

    select * from {{ ref('int_need__by_customer_as_of') }}

),

contacts as (

    select * from {{ ref('int_contacts__by_customer_as_of') }}

),

agents as (

    select * from {{ ref('int_agents__by_as_of') }}

),

leases as (

    select * from {{ ref('int_leases__by_customer_as_of') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

subscriptions as (

    select
        as_of,
        customer_key,
        count(*) as subscriptions_total
    from {{ ref('int_transactions__by_as_of') }}
    where kind = 'subscription'
    group by as_of, customer_key

),

-- Length of the interaction history of the whole home.
history_lengths as (

    select
        as_of,
        max(days_since_first_interaction) as days_of_history
    from engagement
    group by as_of

),

-- Days of the last 180 in which an event of the customer could have been recorded. The minimum is 30, because one event
-- on the first day must not become a rate of one event a day.
observations as (

    select
        customers.as_of,
        customers.customer_key,
        greatest(
            30,
            least(
                180,
                history_lengths.days_of_history + 1,
                1 + greatest(
                    {{ dbt.datediff('cast(customers.first_known_at as date)', 'customers.as_of', 'day') }},
                    coalesce(engagement.days_since_first_interaction, 0)
                )
            )
        ) as observed_days
    from customers
    left join engagement
        on
            customers.as_of = engagement.as_of
            and customers.customer_key = engagement.customer_key
    left join history_lengths on customers.as_of = history_lengths.as_of

),

purchasing_power as (

    select * from {{ ref('purchasing_power') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        customers.first_channel,
        customers.first_campaign,
        customers.demand_type,
        customers.purpose,
        customers.stated_intent,
        customers.preferred_layout,
        purchasing_power.level as price_tier,
        customers.is_dormancy_available,
        coalesce(engagement.engaged_window_events, 0) >= thresholds.engaged_min_events
        and coalesce(rfm.frequency, 0) = 0
        and not lifecycle.is_closed as is_engaged,
        lifecycle.quiet_days < thresholds.lost_after_days
        and coalesce(rfm.frequency, 0) = 0
        and coalesce(rfm.open_subscriptions, 0) = 0
        and lifecycle.is_status_open as is_open_lead,
        coalesce(
            leases.lease_days_left > 0 and leases.lease_days_left <= thresholds.tenancy_notice_days, false
        ) as is_tenant,
        lifecycle.quiet_days >= thresholds.dormant_after_days
        and coalesce(rfm.frequency, 0) = 0
        and not lifecycle.is_closed
        and coalesce(
            contacts.days_since_agent_contact < thresholds.contacted_within_days, false
        ) as is_winback_candidate,
        cast(engagement.days_since_customer_event as integer) as days_since_customer_event,
        cast(
            {{ dbt.datediff('cast(customers.first_known_at as date)', 'customers.as_of', 'day') }} as integer
        ) as days_since_first_known,
        {%- for column in counts %}
        cast(coalesce(engagement.{{ column }}, 0) as integer) as {{ column }},
        {%- endfor %}
        {%- for column in contact_counts %}
        cast(coalesce(contacts.{{ column }}, 0) as integer) as {{ column }},
        {%- endfor %}
        cast(coalesce(subscriptions.subscriptions_total, 0) as integer) as subscriptions_total,
        cast(coalesce(rfm.open_subscriptions, 0) as integer) as open_subscriptions,
        cast(coalesce(leases.renewals_total, 0) as integer) as renewals_total,
        cast(coalesce(needs.need_events, 0) as integer) as need_events,
        cast(needs.need_days as integer) as need_days,
        cast(needs.need_span_days as integer) as need_span_days,
        customers.lead_records,
        cast(engagement.days_since_viewing as integer) as days_since_viewing,
        cast(contacts.days_since_agent_contact as integer) as days_since_agent_contact,
        cast(contacts.days_since_answered_contact as integer) as days_since_answered_contact,
        cast(leases.lease_days_left as integer) as lease_days_left,
        cast(leases.lease_term_days as integer) as lease_term_days,
        engagement.event_gap_mean_days,
        cast(coalesce(engagement.customer_events_180d, 0) * 30 as double)
        / observations.observed_days as customer_events_per_30d,
        cast(coalesce(engagement.viewings_180d, 0) * 30 as double) / observations.observed_days as viewings_per_30d,
        needs.events_missed,
        needs.events_missed_since_sign,
        needs.events_expected_90d,
        cast(engagement.online_events_total as double) / nullif(engagement.customer_events_total, 0) as online_share,
        cast(
            engagement.online_events_180d as double
        ) / nullif(engagement.customer_events_180d, 0) as online_share_180d,
        cast(
            contacts.answered_contacts_90d as double
        ) / nullif(contacts.known_contacts_90d, 0) as agent_contacts_answered_share_90d,
        agents.answer_share_180d as agent_answer_share_180d,
        engagement.satisfaction_last,
        engagement.satisfaction_180d,
        cast(customers.budget_max_wan as double) as budget_max_wan,
        leases.lease_rent_wan
    from customers
    cross join thresholds
    inner join lifecycle
        on
            customers.as_of = lifecycle.as_of
            and customers.customer_key = lifecycle.customer_key
    left join engagement
        on
            customers.as_of = engagement.as_of
            and customers.customer_key = engagement.customer_key
    left join observations
        on
            customers.as_of = observations.as_of
            and customers.customer_key = observations.customer_key
    left join needs
        on
            customers.as_of = needs.as_of
            and customers.customer_key = needs.customer_key
    left join contacts
        on
            customers.as_of = contacts.as_of
            and customers.customer_key = contacts.customer_key
    left join agents
        on
            customers.as_of = agents.as_of
            and customers.agent_id = agents.agent_id
    left join leases
        on
            customers.as_of = leases.as_of
            and customers.customer_key = leases.customer_key
    left join rfm
        on
            customers.as_of = rfm.as_of
            and customers.customer_key = rfm.customer_key
    left join subscriptions
        on
            customers.as_of = subscriptions.as_of
            and customers.customer_key = subscriptions.customer_key
    left join purchasing_power
        on {{ in_band('customers.budget_max_wan', 'purchasing_power', 'min_budget_wan', 'max_budget_wan') }}

)

select * from final
