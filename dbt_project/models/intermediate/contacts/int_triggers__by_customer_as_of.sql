with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

triggers as (

    select * from {{ ref('triggers') }}

),

-- The window of each trigger and the window of equal length before it.
in_windows as (

    select
        interactions.as_of,
        interactions.customer_key,
        interactions.kind,
        interactions.answered,
        interactions.satisfaction_score,
        interactions.is_customer_initiated,
        interactions.is_agent_contact,
        interactions.source,
        interactions.row_key,
        interactions.occurred_at,
        triggers.code,
        triggers.minimum_count,
        interactions.days_ago < triggers.window_days as is_recent
    from interactions
    inner join triggers on interactions.days_ago < 2 * triggers.window_days

),

counts as (

    select
        as_of,
        customer_key,
        code,
        min(minimum_count) as minimum_count,
        count(case when is_recent and is_agent_contact and not answered then 1 end) as unanswered_contacts,
        count(case when is_recent and kind = 'complaint' then 1 end) as complaints,
        count(case when is_recent and kind = 'cancellation' then 1 end) as cancellations,
        count(case when is_recent and is_customer_initiated then 1 end) as events,
        count(case when not is_recent and is_customer_initiated then 1 end) as events_before
    from in_windows
    group by as_of, customer_key, code

),

-- The latest score counts. At the same moment, the larger key counts, so that the row order does not matter.
last_scores as (

    select
        as_of,
        customer_key,
        code,
        satisfaction_score
    from in_windows
    where is_recent and satisfaction_score is not null
    qualify
        row_number() over (
            partition by as_of, customer_key, code
            order by occurred_at desc, source desc, row_key desc
        ) = 1

),

measures as (

    select
        counts.as_of,
        counts.customer_key,
        counts.code,
        case counts.code
            when 'unanswered_contacts' then counts.unanswered_contacts
            when 'complaints' then counts.complaints
            when 'repeated_cancellations' then counts.cancellations
            when 'low_satisfaction' then last_scores.satisfaction_score
            -- With fewer events, a fall has no meaning.
            when 'intent_decline'
                then
                    case
                        when counts.events_before >= counts.minimum_count
                            then round(1 - cast(counts.events as double) / nullif(counts.events_before, 0), 6)
                    end
        end as measure
    from counts
    left join last_scores
        on
            counts.as_of = last_scores.as_of
            and counts.customer_key = last_scores.customer_key
            and counts.code = last_scores.code

),

final as (

    select
        measures.as_of,
        measures.customer_key,
        measures.code,
        triggers.cause,
        triggers.label_en,
        triggers.label_zh,
        triggers.position,
        measures.measure
    from measures
    inner join triggers on measures.code = triggers.code
    where
        (measures.code != 'low_satisfaction' and measures.measure >= triggers.threshold)
        or (measures.code = 'low_satisfaction' and measures.measure < triggers.threshold)

)

select * from final
