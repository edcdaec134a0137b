{% set counts = [
    'customer_events_7d', 'customer_events_30d', 'customer_events_60d', 'customer_events_90d', 'customer_events_total',
    'viewings_60d', 'viewings_total', 'appointments_cancelled_90d', 'complaints_90d', 'agent_contacts_30d',
    'unanswered_contacts_30d', 'referrals_total', 'satisfaction_count'
] %}

with customers as (

    select * from {{ ref('customers') }}

),

engagement as (

    select * from {{ ref('int_engagement__by_customer_as_of') }}

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

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        customers.first_channel,
        customers.demand_type,
        customers.purpose,
        customers.is_dormancy_available,
        coalesce(engagement.engaged_window_events, 0) >= thresholds.engaged_min_events
        and coalesce(rfm.frequency, 0) = 0 as is_engaged,
        cast(engagement.days_since_customer_event as integer) as days_since_customer_event,
        cast(
            {{ dbt.datediff('cast(customers.first_known_at as date)', 'customers.as_of', 'day') }} as integer
        ) as days_since_first_known,
        {%- for column in counts %}
        cast(coalesce(engagement.{{ column }}, 0) as integer) as {{ column }},
        {%- endfor %}
        cast(coalesce(subscriptions.subscriptions_total, 0) as integer) as subscriptions_total,
        customers.lead_records,
        cast(
            engagement.answered_contacts_90d as double
        ) / nullif(engagement.known_contacts_90d, 0) as agent_contacts_answered_share_90d,
        engagement.satisfaction_last,
        cast(customers.budget_max_wan as double) as budget_max_wan
    from customers
    cross join thresholds
    left join engagement
        on
            customers.as_of = engagement.as_of
            and customers.customer_key = engagement.customer_key
    left join rfm
        on
            customers.as_of = rfm.as_of
            and customers.customer_key = rfm.customer_key
    left join subscriptions
        on
            customers.as_of = subscriptions.as_of
            and customers.customer_key = subscriptions.customer_key

)

select * from final
