{{ config(materialized='table') }}

-- Activity of each customer in each month, and the customer's state by the lifecycle rule at its beginning and end.
with months as (

    select * from {{ ref('int_kpi_months') }}

),

customers as (

    select * from {{ ref('int_kpi_customers') }}

),

contacts as (

    select * from {{ ref('int_kpi_contacts') }}

),

deals as (

    select * from {{ ref('deals') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

first_month as (

    select min(month_start) as first_month_start from months

),

-- Events before the first month count for the first month, because they decide how long a customer has been quiet.
own_events as (

    select
        customers.customer_key,
        greatest(
            cast({{ dbt.date_trunc('month', 'interactions.occurred_on') }} as date), first_month.first_month_start
        ) as month_start,
        max(interactions.occurred_on) as last_event_on
    from customers
    cross join first_month
    inner join interactions
        on
            customers.as_of = interactions.as_of
            and customers.customer_key = interactions.customer_key
    where interactions.is_customer_initiated
    group by
        customers.customer_key,
        greatest(cast({{ dbt.date_trunc('month', 'interactions.occurred_on') }} as date), first_month.first_month_start)

),

monthly_events as (

    select
        customer_key,
        cast({{ dbt.date_trunc('month', 'counted_on') }} as date) as month_start,
        max(case when is_own_event then 1 else 0 end) as active_customers,
        max(referrals) as referring_customers,
        max(complaints) as complaining_customers
    from contacts
    group by customer_key, cast({{ dbt.date_trunc('month', 'counted_on') }} as date)

),

buyers as (

    select
        as_of,
        customer_key,
        min(first_signed_on) as first_signed_on
    from deals
    group by as_of, customer_key

),

customer_months as (

    select
        months.as_of,
        customers.customer_key,
        customers.agent,
        customers.first_known_on,
        months.month_start,
        months.ends_on,
        coalesce(buyers.first_signed_on, customers.converted_on) as bought_on,
        monthly_events.active_customers,
        monthly_events.referring_customers,
        monthly_events.complaining_customers,
        max(own_events.last_event_on) over (
            partition by customers.customer_key
            order by months.month_start asc
            rows between unbounded preceding and current row
        ) as last_event_on
    from customers
    inner join months on customers.first_known_on <= months.ends_on
    left join buyers
        on
            customers.as_of = buyers.as_of
            and customers.customer_key = buyers.customer_key
    left join own_events
        on
            customers.customer_key = own_events.customer_key
            and months.month_start = own_events.month_start
    left join monthly_events
        on
            customers.customer_key = monthly_events.customer_key
            and months.month_start = monthly_events.month_start
    where customers.is_contacts_known

),

with_age as (

    select
        *,
        {{ dbt.datediff('first_known_on', 'ends_on', 'day') }} as known_days,
        -- The first enquiry counts as a contact, as in customer_lifecycle.
        {{ dbt.datediff('greatest(coalesce(last_event_on, first_known_on), first_known_on)', 'ends_on', 'day') }}
            as quiet_days
    from customer_months

),

with_state as (

    select
        with_age.*,
        coalesce(with_age.bought_on <= with_age.ends_on, false) as is_buyer,
        with_age.quiet_days >= thresholds.dormant_after_days
        and with_age.known_days >= thresholds.new_within_days
        and coalesce(with_age.bought_on > with_age.ends_on, true) as is_dormant
    from with_age
    cross join thresholds

),

with_previous_month as (

    select
        *,
        lag(is_buyer or is_dormant) over (partition by customer_key order by month_start asc) = false as is_open_before
    from with_state

),

final as (

    select
        as_of,
        customer_key,
        agent,
        month_start as counted_on,
        is_dormant,
        coalesce(active_customers, 0) as active_customers,
        coalesce(referring_customers, 0) as referring_customers,
        coalesce(complaining_customers, 0) as complaining_customers,
        case when is_open_before then 1 else 0 end as open_at_start,
        case when is_open_before and not is_dormant then 1 else 0 end as retained_customers,
        case when is_open_before and is_dormant then 1 else 0 end as dormant_customers
    from with_previous_month

)

select * from final
