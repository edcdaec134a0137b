{{ config(materialized='table') }}

with customers as (

    {{ on_published_day('customers') }}

),

records as (

    {{ on_published_day('int_records__by_as_of') }}

),

sources as (

    select * from {{ ref('stg_landing__sources') }}

),

lead_statuses as (

    select * from {{ ref('lead_statuses') }}

),

grades as (

    select * from {{ ref('grades__by_as_of') }}

),

deals_known as (

    select
        records.customer_key,
        max(case when sources.transactions then 1 else 0 end) = 1 as is_deals_known
    from records
    left join sources on records.source = sources.source
    group by records.customer_key

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(customers.first_channel, 'unknown') as channel,
        coalesce(customers.project, 'unknown') as project,
        coalesce(grades.grade, 'unknown') as grade,
        coalesce(customers.agent_id, 'unknown') as agent,
        customers.is_dormancy_available as is_contacts_known,
        coalesce(deals_known.is_deals_known, false) as is_deals_known,
        cast(customers.first_known_at as date) as first_known_on,
        -- If the customer has a source of deals, that source decides whether a deal followed, as in customer_lifecycle.
        case when lead_statuses.status is not null then cast(customers.lead_status_at as date) end as converted_on
    from customers
    left join deals_known on customers.customer_key = deals_known.customer_key
    left join lead_statuses
        on
            customers.lead_status = lead_statuses.status
            and lead_statuses.lifecycle_stage is not null
            and not lead_statuses.is_closed
            and not customers.has_deal_source
    left join grades
        on
            customers.as_of = grades.as_of
            and customers.customer_key = grades.customer_key

)

select * from final
