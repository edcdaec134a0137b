{#
    The months in which a customer had an interaction, and the first month of `kpi_monthly`, each with the day since
    which the customer is quiet. Between two rows the customer stays quiet.
#}
{{ config(materialized='table') }}

with customers as (

    select * from {{ ref('int_kpi_customers') }}
    where is_contacts_known and first_known_on is not null

),

contacts as (

    select * from {{ ref('int_kpi_contacts') }}

),

deals as (

    select * from {{ ref('deals') }}

),

first_month as (

    select min(month_start) as first_month_start from {{ ref('int_kpi_months') }}

),

-- Events before the first month count for the first month, because they decide how long a customer has been quiet.
events as (

    select
        contacts.customer_key,
        greatest(
            cast({{ dbt.date_trunc('month', 'contacts.counted_on') }} as date), first_month.first_month_start
        ) as month_start,
        case when contacts.is_customer_initiated then contacts.counted_on end as event_on,
        case
            when contacts.counted_on >= first_month.first_month_start and contacts.is_own_event then 1 else 0
        end as active_customers,
        case
            when contacts.counted_on >= first_month.first_month_start then contacts.referrals else 0
        end as referring_customers,
        case
            when contacts.counted_on >= first_month.first_month_start then contacts.complaints else 0
        end as complaining_customers
    from contacts
    cross join first_month
    union all
    select
        customers.customer_key,
        first_month.first_month_start as month_start,
        cast(null as date) as event_on,
        0 as active_customers,
        0 as referring_customers,
        0 as complaining_customers
    from customers
    cross join first_month

),

event_months as (

    select
        customer_key,
        month_start,
        max(event_on) as last_event_on,
        max(active_customers) as active_customers,
        max(referring_customers) as referring_customers,
        max(complaining_customers) as complaining_customers
    from events
    group by customer_key, month_start

),

buyers as (

    select
        as_of,
        customer_key,
        min(first_signed_on) as first_signed_on
    from deals
    group by as_of, customer_key

),

-- The first enquiry counts as a contact, as in customer_lifecycle.
final as (

    select
        customers.as_of,
        customers.customer_key,
        customers.agent,
        customers.first_known_on,
        coalesce(buyers.first_signed_on, customers.converted_on) as bought_on,
        event_months.month_start,
        lead(event_months.month_start) over (
            partition by event_months.customer_key
            order by event_months.month_start asc
        ) as next_month_start,
        greatest(
            customers.first_known_on,
            coalesce(
                max(event_months.last_event_on) over (
                    partition by event_months.customer_key
                    order by event_months.month_start asc
                    rows between unbounded preceding and current row
                ),
                customers.first_known_on
            )
        ) as quiet_since,
        greatest(
            customers.first_known_on,
            coalesce(
                max(event_months.last_event_on) over (
                    partition by event_months.customer_key
                    order by event_months.month_start asc
                    rows between unbounded preceding and 1 preceding
                ),
                customers.first_known_on
            )
        ) as quiet_since_before,
        event_months.active_customers,
        event_months.referring_customers,
        event_months.complaining_customers
    from event_months
    inner join customers on event_months.customer_key = customers.customer_key
    left join buyers
        on
            customers.as_of = buyers.as_of
            and customers.customer_key = buyers.customer_key

)

select * from final
