-- Outcomes of each grade in the window after it, as known at publication_as_of.
with history as (

    select * from {{ ref('int_grade_history__by_customer') }}

),

customers as (

    select * from {{ ref('int_kpi_customers') }}

),

contacts as (

    select * from {{ ref('int_kpi_contacts') }}

),

deals as (

    select * from {{ ref('int_kpi_deals') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

windows as (

    select
        history.as_of,
        history.customer_key,
        history.graded_as_of,
        history.grade,
        customers.is_contacts_known,
        customers.is_deals_known,
        cast(
            {{ dbt.dateadd('day', 'thresholds.outcome_days', 'history.graded_as_of') }} as date
        ) as outcome_ends_on,
        cast(
            {{ dbt.dateadd('day', 'thresholds.stability_days', 'history.graded_as_of') }} as date
        ) as looked_at_from
    from history
    cross join thresholds
    inner join customers on history.customer_key = customers.customer_key

),

-- A business that is not graded daily is compared at the first graded day after the stability period.
days as (

    select distinct
        graded_as_of,
        looked_at_from
    from windows

),

compared_days as (

    select
        days.graded_as_of,
        min(later.graded_as_of) as compared_with
    from days
    inner join days as later on days.looked_at_from <= later.graded_as_of
    group by days.graded_as_of

),

event_days as (

    select distinct
        customer_key,
        counted_on
    from contacts
    where is_own_event

),

-- Only the next event after a grade has no other event between: at most one row matches.
next_events as (

    select
        customer_key,
        counted_on,
        -- Without an earlier event, a very early day replaces null: an `or` in the condition of a left join would make
        -- a nested loop.
        coalesce(
            lag(counted_on) over (partition by customer_key order by counted_on asc), cast('1900-01-01' as date)
        ) as previous_on
    from event_days

),

realised as (

    select
        windows.customer_key,
        windows.graded_as_of,
        sum(deals.contribution_cny) as contribution_cny,
        sum(deals.signed_deals) as signed_deals,
        sum(deals.subscriptions) as subscriptions
    from windows
    inner join deals
        on
            windows.customer_key = deals.customer_key
            and windows.graded_as_of < deals.counted_on
            and windows.outcome_ends_on >= deals.counted_on
    where windows.outcome_ends_on <= windows.as_of
    group by windows.customer_key, windows.graded_as_of

),

final as (

    select
        windows.as_of,
        windows.customer_key,
        windows.graded_as_of,
        windows.grade,
        windows.outcome_ends_on,
        windows.outcome_ends_on > windows.as_of as is_censored,
        case
            when windows.is_deals_known and windows.outcome_ends_on <= windows.as_of
                then coalesce(realised.contribution_cny, 0)
        end as contribution_cny,
        case
            when windows.is_deals_known and windows.outcome_ends_on <= windows.as_of
                then coalesce(realised.signed_deals, 0)
        end as signed_deals,
        case
            when windows.is_deals_known and windows.outcome_ends_on <= windows.as_of
                then coalesce(realised.subscriptions, 0)
        end as subscriptions,
        case
            when windows.is_contacts_known and windows.outcome_ends_on <= windows.as_of
                then next_events.customer_key is not null
        end as is_back,
        compared_days.compared_with,
        later.grade as grade_later
    from windows
    left join realised
        on
            windows.customer_key = realised.customer_key
            and windows.graded_as_of = realised.graded_as_of
    left join next_events
        on
            windows.customer_key = next_events.customer_key
            and windows.graded_as_of < next_events.counted_on
            and windows.outcome_ends_on >= next_events.counted_on
            and windows.graded_as_of >= next_events.previous_on
    left join compared_days on windows.graded_as_of = compared_days.graded_as_of
    left join history as later
        on
            windows.customer_key = later.customer_key
            and compared_days.compared_with = later.graded_as_of

)

select * from final
