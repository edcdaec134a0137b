with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

triggers as (

    select * from {{ ref('triggers') }}

),

-- The window of each trigger, and the equally long one before it.
seen as (

    select
        interactions.*,
        triggers.code,
        triggers.minimum_count,
        interactions.days_ago < triggers.window_days as is_recent
    from interactions
    inner join triggers on interactions.days_ago < 2 * triggers.window_days

),

counted as (

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
    from seen
    group by as_of, customer_key, code

),

-- The later answer counts; of two at the same moment the one with the larger key, so that no order of rows matters.
last_scores as (

    select
        as_of,
        customer_key,
        code,
        satisfaction_score
    from seen
    where is_recent and satisfaction_score is not null
    qualify
        row_number() over (
            partition by as_of, customer_key, code
            order by occurred_at desc, source desc, row_key desc
        ) = 1

),

measured as (

    select
        counted.as_of,
        counted.customer_key,
        counted.code,
        case counted.code
            when 'unanswered_contacts' then counted.unanswered_contacts
            when 'complaints' then counted.complaints
            when 'repeated_cancellations' then counted.cancellations
            when 'low_satisfaction' then last_scores.satisfaction_score
            -- From fewer events a fall says nothing.
            when 'intent_decline'
                then
                    case
                        when counted.events_before >= counted.minimum_count
                            then round(1 - cast(counted.events as double) / nullif(counted.events_before, 0), 6)
                    end
        end as measure
    from counted
    left join last_scores
        on
            counted.as_of = last_scores.as_of
            and counted.customer_key = last_scores.customer_key
            and counted.code = last_scores.code

),

final as (

    select
        measured.as_of,
        measured.customer_key,
        measured.code,
        triggers.cause,
        triggers.label_en,
        triggers.label_zh,
        triggers.position,
        measured.measure
    from measured
    inner join triggers on measured.code = triggers.code
    where
        (measured.code != 'low_satisfaction' and measured.measure >= triggers.threshold)
        or (measured.code = 'low_satisfaction' and measured.measure < triggers.threshold)

)

select * from final
