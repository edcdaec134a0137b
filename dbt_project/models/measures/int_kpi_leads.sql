-- A lead counts for the agent who got it. A customer, with the stage reached so far, counts in the month of the first
-- lead.
with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

records as (

    select * from {{ ref('int_records__by_as_of') }}

),

contacts as (

    select * from {{ ref('int_kpi_contacts') }}

),

deals as (

    select * from {{ ref('int_kpi_deals') }}

),

viewers as (

    select
        customer_key,
        max(viewings) as has_viewed
    from contacts
    group by customer_key

),

buyers as (

    select
        customer_key,
        max(subscriptions) as has_subscribed,
        max(signed_deals) as has_signed
    from deals
    group by customer_key

),

stages as (

    select
        customers.*,
        coalesce(buyers.has_signed, 0) as reached_signing,
        greatest(coalesce(buyers.has_subscribed, 0), coalesce(buyers.has_signed, 0)) as reached_subscription,
        greatest(
            coalesce(viewers.has_viewed, 0), coalesce(buyers.has_subscribed, 0), coalesce(buyers.has_signed, 0)
        ) as reached_viewing
    from customers
    left join viewers on customers.customer_key = viewers.customer_key
    left join buyers on customers.customer_key = buyers.customer_key
    where customers.first_known_on is not null

),

new_leads as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(records.agent_id, customers.agent) as agent,
        cast(records.created_at as date) as counted_on,
        1 as leads,
        0 as customers,
        0 as customers_contacts_known,
        0 as customers_deals_known,
        0 as reached_viewing,
        0 as reached_viewing_known,
        0 as reached_subscription,
        0 as reached_subscription_known,
        0 as reached_signing
    from customers
    inner join records
        on
            customers.as_of = records.as_of
            and customers.customer_key = records.customer_key

),

new_customers as (

    select
        as_of,
        customer_key,
        agent,
        first_known_on as counted_on,
        0 as leads,
        1 as customers,
        case when is_contacts_known then 1 else 0 end as customers_contacts_known,
        case when is_deals_known then 1 else 0 end as customers_deals_known,
        case when is_contacts_known then reached_viewing else 0 end as reached_viewing,
        case when is_contacts_known and is_deals_known then reached_viewing else 0 end as reached_viewing_known,
        case when is_deals_known then reached_subscription else 0 end as reached_subscription,
        case
            when is_contacts_known and is_deals_known then reached_subscription else 0
        end as reached_subscription_known,
        case when is_deals_known then reached_signing else 0 end as reached_signing
    from stages

),

final as (

    select * from new_leads
    union all
    select * from new_customers

)

select * from final
