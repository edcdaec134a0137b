{{ config(materialized='table') }}

with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

last_scores as (

    -- The latest score counts. At the same moment, the larger key counts, so that the row order does not matter.
    select
        as_of,
        customer_key,
        satisfaction_score as satisfaction_last,
        case when days_ago < 180 then satisfaction_score end as satisfaction_180d
    from interactions
    where satisfaction_score is not null
    qualify
        row_number() over (
            partition by as_of, customer_key
            order by occurred_at desc, source desc, row_key desc
        ) = 1

),

with_window as (

    select
        interactions.*,
        {{ is_viewing('interactions.kind') }} as is_viewing,
        thresholds.engaged_window_days
    from interactions
    cross join thresholds

),

counts as (

    select
        as_of,
        customer_key,
        max(case when is_customer_initiated then occurred_on end) as last_customer_event_on,
        min(case when is_customer_initiated then days_ago end) as days_since_customer_event,
        min(case when is_customer_initiated then occurred_on end) as first_customer_event_on,
        {%- for days in [7, 30, 60, 90, 180] %}
        count(case when is_customer_initiated and days_ago < {{ days }} then 1 end) as customer_events_{{ days }}d,
        {%- endfor %}
        count(case when is_customer_initiated then 1 end) as customer_events_total,
        count(case when is_customer_initiated and is_online then 1 end) as online_events_total,
        count(
            case when is_customer_initiated and is_online and days_ago < 180 then 1 end
        ) as online_events_180d,
        max(days_ago) as days_since_first_interaction,
        count(
            case when is_customer_initiated and days_ago < engaged_window_days then 1 end
        ) as engaged_window_events,
        count(case when is_viewing and days_ago < 60 then 1 end) as viewings_60d,
        count(case when is_viewing and days_ago < 180 then 1 end) as viewings_180d,
        count(case when is_viewing then 1 end) as viewings_total,
        min(case when is_viewing then days_ago end) as days_since_viewing,
        count(case when kind = 'cancellation' and days_ago < 90 then 1 end) as appointments_cancelled_90d,
        count(case when kind = 'complaint' and days_ago < 90 then 1 end) as complaints_90d,
        count(case when kind = 'complaint' and days_ago < 180 then 1 end) as complaints_180d,
        count(case when kind = 'complaint' then 1 end) as complaints_total,
        count(case when kind = 'referral' and days_ago < 180 then 1 end) as referrals_180d,
        count(case when kind = 'referral' then 1 end) as referrals_total,
        count(satisfaction_score) as satisfaction_count
    from with_window
    group by as_of, customer_key

),

final as (

    select
        counts.*,
        -- Mean gap: days from the first to the last event, divided by the number of gaps.
        cast({{ dbt.datediff('counts.first_customer_event_on', 'counts.last_customer_event_on', 'day') }} as double)
        / nullif(counts.customer_events_total - 1, 0) as event_gap_mean_days,
        last_scores.satisfaction_last,
        last_scores.satisfaction_180d
    from counts
    left join last_scores
        on
            counts.as_of = last_scores.as_of
            and counts.customer_key = last_scores.customer_key

)

select * from final
