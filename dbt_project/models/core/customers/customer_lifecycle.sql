with customers as (

    select * from {{ ref('customers') }}

),

engagement as (

    select * from {{ ref('int_engagement__by_customer_as_of') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

lead_statuses as (

    select * from {{ ref('lead_statuses') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

customer_facts as (

    select
        customers.as_of,
        customers.customer_key,
        customers.is_dormancy_available,
        coalesce(rfm.frequency, 0) as frequency,
        coalesce(rfm.frequency, 0) > 0 or coalesce(rfm.open_subscriptions, 0) > 0 as has_deal,
        coalesce(lead_statuses.is_open, true) as is_status_open,
        coalesce(lead_statuses.is_closed, false) as is_status_closed,
        coalesce(lead_statuses.is_sticky, false) as is_status_sticky,
        -- If the home has a source of deals, that source decides whether a deal followed; the lead status does not.
        case
            when lead_statuses.is_closed or not customers.has_deal_source then lead_statuses.lifecycle_stage
        end as stage_of_status,
        rfm.recency_days,
        engagement.days_since_customer_event,
        {{ dbt.datediff('cast(customers.first_known_at as date)', 'customers.as_of', 'day') }} as known_days
    from customers
    left join lead_statuses on customers.lead_status = lead_statuses.status
    left join engagement
        on
            customers.as_of = engagement.as_of
            and customers.customer_key = engagement.customer_key
    left join rfm
        on
            customers.as_of = rfm.as_of
            and customers.customer_key = rfm.customer_key

),

with_thresholds as (

    select
        customer_facts.*,
        thresholds.*,
        -- The first enquiry counts as a contact too.
        coalesce(
            least(customer_facts.days_since_customer_event, customer_facts.known_days), customer_facts.known_days
        ) as quiet_days
    from customer_facts
    cross join thresholds

),

final as (

    select
        as_of,
        customer_key,
        case
            -- A buyer is never dormant or lost. After the service period, a buyer is either returning or completed.
            when
                frequency > 0
                and days_since_customer_event < dormant_after_days
                and recency_days - days_since_customer_event > served_within_days
                then 'returning'
            when frequency > 1 and recency_days < dormant_after_days then 'returning'
            when frequency > 0 then 'completed'
            when not has_deal and stage_of_status is not null then stage_of_status
            when known_days < new_within_days then 'new'
            -- Without a source of interactions, silence is not observable.
            when not is_dormancy_available then 'not_available'
            when quiet_days >= lost_after_days then 'lost'
            when quiet_days >= dormant_after_days then 'dormant'
            -- These customers have bought nothing, so they are not returning customers.
            else 'in_contact'
        end as lifecycle_stage,
        case
            when not is_dormancy_available then 'not_available'
            when days_since_customer_event < active_within_days then 'active'
            else 'silent'
        end as behaviour,
        is_status_open,
        is_status_closed and (is_status_sticky or not has_deal) as is_closed,
        cast(known_days as integer) as known_days,
        cast(quiet_days as integer) as quiet_days
    from with_thresholds

)

select * from final
