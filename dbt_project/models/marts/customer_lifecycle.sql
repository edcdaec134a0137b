with customers as (

    select * from {{ ref('customers') }}

),

engagement as (

    select * from {{ ref('int_engagement__by_customer_as_of') }}

),

rfm as (

    select * from {{ ref('customer_rfm__by_as_of') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

measured as (

    select
        customers.as_of,
        customers.customer_key,
        customers.is_dormancy_available,
        coalesce(rfm.frequency, 0) as frequency,
        rfm.recency_days,
        engagement.days_since_customer_event,
        {{ dbt.datediff('cast(customers.first_known_at as date)', 'customers.as_of', 'day') }} as known_days
    from customers
    left join engagement
        on
            customers.as_of = engagement.as_of
            and customers.customer_key = engagement.customer_key
    left join rfm
        on
            customers.as_of = rfm.as_of
            and customers.customer_key = rfm.customer_key

),

judged as (

    select
        measured.*,
        thresholds.*,
        -- Becoming known is a contact too.
        coalesce(
            least(measured.days_since_customer_event, measured.known_days), measured.known_days
        ) as quiet_days
    from measured
    cross join thresholds

),

final as (

    select
        as_of,
        customer_key,
        case
            -- A buyer is never dormant or lost: after the time of service they have either come back or are completed.
            when
                frequency > 0
                and days_since_customer_event < dormant_after_days
                and recency_days - days_since_customer_event > served_within_days
                then 'returning'
            when frequency > 1 and recency_days < dormant_after_days then 'returning'
            when frequency > 0 then 'completed'
            when known_days < new_within_days then 'new'
            -- Silence means nothing where no source tells of contacts.
            when not is_dormancy_available then 'not_available'
            when quiet_days >= lost_after_days then 'lost'
            when quiet_days >= dormant_after_days then 'dormant'
            else 'returning'
        end as lifecycle_stage,
        case
            when not is_dormancy_available then 'not_available'
            when days_since_customer_event < active_within_days then 'active'
            else 'silent'
        end as behaviour,
        cast(known_days as integer) as known_days,
        cast(quiet_days as integer) as quiet_days
    from judged

)

select * from final
