-- Complaints and enquiries without an answer. A complaint waits for a contact by an agent and may also be closed. An
-- enquiry waits for any contact: a viewing on site or a subscription answers it too. A new record is an enquiry; a
-- status other than open says that somebody worked on the record. Customers with a closing status that allows contact
-- get answers only to requests after the status. Without a source of interactions, answers to new leads are not
-- observable: the task is listed until its time is over.
with run as (

    select * from {{ ref('stg_scope__run') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

tasks as (

    select * from {{ ref('tasks') }}

),

contacts as (

    select * from {{ ref('int_last_contacts') }}

),

customers as (

    select * from {{ ref('customers') }}

),

lifecycle as (

    select * from {{ ref('customer_lifecycle') }}

),

lead_statuses as (

    select * from {{ ref('lead_statuses') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}
    where kind in ('complaint', 'enquiry')

),

records as (

    select * from {{ ref('int_records__by_as_of') }}

),

requests as (

    select
        as_of,
        customer_key,
        kind as task,
        occurred_at as asked_at,
        false as is_new_record
    from interactions
    where kind = 'enquiry' or resolved_at is null
    union all
    select
        as_of,
        customer_key,
        'enquiry' as task,
        created_at as asked_at,
        true as is_new_record
    from records

),

with_age as (

    select
        requests.customer_key,
        requests.task,
        requests.asked_at,
        requests.is_new_record,
        case
            when requests.task = 'complaint' then contacts.last_agent_contact_at else contacts.last_contact_at
        end as answered_at,
        tasks.lookback_days,
        tasks.within_hours,
        customers.is_dormancy_available,
        case
            when requests.is_new_record then coalesce(lead_statuses.is_open, true) else not lifecycle.is_closed
        end
        or (lead_statuses.is_contactable and requests.asked_at > customers.lead_status_at) as is_to_be_answered,
        {{ dbt.datediff('cast(requests.asked_at as date)', 'requests.as_of', 'day') }} as days_ago,
        {{ seconds_between('requests.asked_at', 'dates.cutoff_at') }} as seconds_ago
    from requests
    inner join run on requests.as_of = run.publication_as_of
    inner join dates on requests.as_of = dates.as_of
    inner join tasks on requests.task = tasks.task
    inner join customers
        on
            requests.as_of = customers.as_of
            and requests.customer_key = customers.customer_key
    inner join lifecycle
        on
            requests.as_of = lifecycle.as_of
            and requests.customer_key = lifecycle.customer_key
    left join lead_statuses on customers.lead_status = lead_statuses.status
    left join contacts on requests.customer_key = contacts.customer_key

),

final as (

    select
        customer_key,
        task,
        min(asked_at) as asked_at,
        coalesce(
            min(case when is_new_record then asked_at end) < min(case when not is_new_record then asked_at end),
            max(case when is_new_record then 1 else 0 end) = 1
        ) as is_new_record
    from with_age
    where
        days_ago < lookback_days
        and is_to_be_answered
        and (answered_at is null or answered_at < asked_at)
        and (is_dormancy_available or seconds_ago <= within_hours * 3600)
    group by customer_key, task

)

select * from final
