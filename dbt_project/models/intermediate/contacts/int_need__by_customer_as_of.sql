{#
    A need begins with the first customer event after a silence longer than need_gap_days. Its pace is its events
    divided by (its length + prior_days), in days of usual activity. The prior days keep a need of one day from having a
    pace of an event a day.
#}
{% set prior_days = 30 %}
{% set ahead_days = 90 %}

{{ config(materialized='table') }}

with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

contacts as (

    select * from {{ ref('int_contacts__by_customer_as_of') }}

),

activity as (

    select * from {{ ref('int_activity__by_day') }}

),

dates as (

    select * from {{ ref('int_as_of_dates') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

event_days as (

    select
        as_of,
        customer_key,
        occurred_on,
        count(*) as events
    from interactions
    where is_customer_initiated
    group by as_of, customer_key, occurred_on

),

with_previous_day as (

    select
        *,
        lag(occurred_on) over (
            partition by as_of, customer_key
            order by occurred_on asc
        ) as previous_on
    from event_days

),

need_events_by_day as (

    select
        with_previous_day.*,
        max(
            case
                when
                    with_previous_day.previous_on is null
                    or {{ dbt.datediff('with_previous_day.previous_on', 'with_previous_day.occurred_on', 'day') }}
                    > thresholds.need_gap_days
                    then with_previous_day.occurred_on
            end
        ) over (partition by with_previous_day.as_of, with_previous_day.customer_key) as need_began_on
    from with_previous_day
    cross join thresholds

),

needs as (

    select
        as_of,
        customer_key,
        need_began_on,
        max(occurred_on) as last_event_on,
        sum(events) as need_events
    from need_events_by_day
    where occurred_on >= need_began_on
    group by as_of, customer_key, need_began_on

),

last_contact as (

    select
        needs.*,
        -- An answered contact is a sign of life too.
        greatest(
            needs.last_event_on,
            coalesce(
                cast({{ dbt.dateadd('day', '-contacts.days_since_answered_contact', 'needs.as_of') }} as date),
                needs.last_event_on
            )
        ) as last_contact_on
    from needs
    left join contacts
        on
            needs.as_of = contacts.as_of
            and needs.customer_key = contacts.customer_key

),

seasons_of_dates as (

    select
        dates.as_of,
        today.activity_to_date,
        ahead.activity_to_date - today.activity_to_date as activity_ahead
    from dates
    inner join activity as today on dates.as_of = today.day_on
    inner join activity as ahead
        on cast({{ dbt.dateadd('day', ahead_days, 'dates.as_of') }} as date) = ahead.day_on

),

activity_days as (

    select
        last_contact.as_of,
        last_contact.customer_key,
        last_contact.need_events,
        {{ dbt.datediff('last_contact.need_began_on', 'last_contact.as_of', 'day') }} as need_days,
        {{ dbt.datediff('last_contact.need_began_on', 'last_contact.last_event_on', 'day') }} as need_span_days,
        cast(seasons_of_dates.activity_to_date - last_events.activity_to_date as double) as quiet_active_days,
        cast(seasons_of_dates.activity_to_date - last_contacts.activity_to_date as double) as active_days_since_contact,
        cast(seasons_of_dates.activity_ahead as double) as active_days_ahead,
        last_contact.need_events / (
            cast(seasons_of_dates.activity_to_date - beginnings.activity_to_date as double) + {{ prior_days }}
        ) as pace
    from last_contact
    inner join seasons_of_dates on last_contact.as_of = seasons_of_dates.as_of
    inner join activity as last_events on last_contact.last_event_on = last_events.day_on
    inner join activity as last_contacts on last_contact.last_contact_on = last_contacts.day_on
    inner join activity as beginnings on last_contact.need_began_on = beginnings.day_on

),

final as (

    select
        as_of,
        customer_key,
        need_days,
        need_span_days,
        need_events,
        pace * quiet_active_days as events_missed,
        pace * active_days_since_contact as events_missed_since_sign,
        pace * active_days_ahead as events_expected_90d
    from activity_days

)

select * from final
