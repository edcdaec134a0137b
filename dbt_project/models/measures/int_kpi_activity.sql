-- Activity of each customer in each month, and the customer's state by the lifecycle rule at its beginning and end. A
-- view, because the rows are customers × months.
with months as (

    select
        *,
        lag(ends_on) over (order by month_start asc) as previous_ends_on
    from {{ ref('int_kpi_months') }}

),

contact_months as (

    select * from {{ ref('int_kpi_contact_months') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

customer_months as (

    select
        months.as_of,
        contact_months.customer_key,
        contact_months.agent,
        contact_months.first_known_on,
        contact_months.bought_on,
        contact_months.quiet_since,
        months.month_start,
        months.ends_on,
        months.previous_ends_on,
        contact_months.month_start = months.month_start as is_contact_month,
        case
            when contact_months.month_start = months.month_start then contact_months.quiet_since_before
            else contact_months.quiet_since
        end as quiet_since_before,
        contact_months.active_customers,
        contact_months.referring_customers,
        contact_months.complaining_customers
    from contact_months
    inner join months
        on
            contact_months.as_of = months.as_of
            and contact_months.month_start <= months.month_start
            and coalesce(contact_months.next_month_start > months.month_start, true)
            and contact_months.first_known_on <= months.ends_on

),

-- At the beginning of the month: null in the first month of a customer.
with_state as (

    select
        customer_months.*,
        coalesce(customer_months.bought_on <= customer_months.previous_ends_on, false) as is_buyer_before,
        {{ dbt.datediff('customer_months.quiet_since', 'customer_months.ends_on', 'day') }}
        >= thresholds.dormant_after_days
        and {{ dbt.datediff('customer_months.first_known_on', 'customer_months.ends_on', 'day') }}
        >= thresholds.new_within_days
        and coalesce(customer_months.bought_on > customer_months.ends_on, true) as is_dormant,
        case
            when customer_months.first_known_on <= customer_months.previous_ends_on
                then
                    {{ dbt.datediff('customer_months.quiet_since_before', 'customer_months.previous_ends_on', 'day') }}
                    >= thresholds.dormant_after_days
                    and {{ dbt.datediff('customer_months.first_known_on', 'customer_months.previous_ends_on', 'day') }}
                    >= thresholds.new_within_days
                    and coalesce(customer_months.bought_on > customer_months.previous_ends_on, true)
        end as is_dormant_before
    from customer_months
    cross join thresholds

),

with_start as (

    select
        *,
        coalesce(not (is_buyer_before or is_dormant_before), false) as is_open_before
    from with_state

),

final as (

    select
        as_of,
        customer_key,
        agent,
        month_start as counted_on,
        is_dormant,
        case when is_contact_month then active_customers else 0 end as active_customers,
        case when is_contact_month then referring_customers else 0 end as referring_customers,
        case when is_contact_month then complaining_customers else 0 end as complaining_customers,
        case when is_open_before then 1 else 0 end as open_at_start,
        case when is_open_before and not is_dormant then 1 else 0 end as retained_customers,
        case when is_open_before and is_dormant then 1 else 0 end as dormant_customers
    from with_start

)

select * from final
