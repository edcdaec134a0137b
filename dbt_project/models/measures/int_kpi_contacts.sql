{{ config(materialized='table') }}

with customers as (

    select * from {{ ref('int_kpi_customers') }}

),

interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

with_agent as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(interactions.agent_id, customers.agent) as agent,
        interactions.kind,
        interactions.is_customer_initiated,
        interactions.satisfaction_score,
        interactions.occurred_at,
        interactions.occurred_on,
        interactions.resolved_at,
        dates.cutoff_at
    from customers
    inner join dates on customers.as_of = dates.as_of
    inner join interactions
        on
            customers.as_of = interactions.as_of
            and customers.customer_key = interactions.customer_key

),

published_day as (

    select max(as_of) as as_of from customers

),

-- The next contact by an agent, at the same moment or later, answers an enquiry.
waits as (

    select
        interactions.as_of,
        interactions.customer_key,
        interactions.kind,
        interactions.occurred_at,
        min(case when interactions.is_agent_contact then interactions.occurred_at end) over (
            partition by interactions.customer_key
            order by interactions.occurred_at asc
            range between current row and unbounded following
        ) as answered_at
    from interactions
    inner join published_day on interactions.as_of = published_day.as_of
    where interactions.kind = 'enquiry' or interactions.is_agent_contact

),

answers as (

    select distinct
        as_of,
        customer_key,
        kind,
        occurred_at,
        answered_at
    from waits
    where kind = 'enquiry' and answered_at is not null

),

with_answer as (

    select
        with_agent.*,
        answers.answered_at
    from with_agent
    left join answers
        on
            with_agent.as_of = answers.as_of
            and with_agent.customer_key = answers.customer_key
            and with_agent.kind = answers.kind
            and with_agent.occurred_at = answers.occurred_at

),

with_wait as (

    select
        *,
        case
            when kind = 'enquiry'
                then {{ seconds_between('occurred_at', 'answered_at') }} / 3600e0
        end as response_hours,
        -- A closing time before the complaint is an input error: the closing time is unknown.
        case
            when kind = 'complaint' and resolved_at >= occurred_at
                then {{ seconds_between('occurred_at', 'resolved_at') }} / 3600e0
        end as closing_hours,
        {{ seconds_between('occurred_at', 'cutoff_at') }} / 3600e0 as hours_ago
    from with_answer

),

with_deadline as (

    select
        with_wait.*,
        coalesce(with_wait.response_hours <= thresholds.respond_within_hours, false) as is_in_time,
        with_wait.hours_ago > thresholds.respond_within_hours as is_time_over
    from with_wait
    cross join thresholds

),

final as (

    select
        as_of,
        customer_key,
        agent,
        occurred_on as counted_on,
        is_customer_initiated,
        is_customer_initiated or kind = 'referral' as is_own_event,
        case when {{ is_viewing('kind') }} then 1 else 0 end as viewings,
        case when satisfaction_score is not null then 1 else 0 end as satisfaction_answers,
        {{ money('satisfaction_score') }} as satisfaction_sum,
        case when kind = 'referral' then 1 else 0 end as referrals,
        case when kind = 'complaint' then 1 else 0 end as complaints,
        case when closing_hours is not null then 1 else 0 end as complaints_closed,
        case when kind = 'enquiry' then 1 else 0 end as enquiries,
        case when kind = 'enquiry' and (is_in_time or is_time_over) then 1 else 0 end as enquiries_due,
        case when response_hours is not null then 1 else 0 end as enquiries_answered,
        case when kind = 'enquiry' and is_in_time then 1 else 0 end as enquiries_in_time,
        cast(closing_hours as double) as closing_hours,
        cast(response_hours as double) as response_hours
    from with_deadline

)

select * from final
