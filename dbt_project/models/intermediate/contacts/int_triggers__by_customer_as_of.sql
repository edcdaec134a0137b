{% set codes = [
    'unanswered_contacts', 'intent_decline', 'complaints', 'low_satisfaction', 'repeated_cancellations'
] %}

with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

triggers as (

    select * from {{ ref('triggers') }}

),

-- The windows of all triggers in one row: a join of interactions with triggers by their age sorts all interactions.
windows as (

    select
        {%- for code in codes %}
        max(case when code = '{{ code }}' then window_days end) as {{ code }}_days,
        {%- endfor %}
        max(window_days) as longest_days
    from triggers

),

-- The window of each trigger and the window of equal length before it.
in_windows as (

    select
        interactions.as_of,
        interactions.customer_key,
        interactions.satisfaction_score,
        interactions.is_customer_initiated,
        interactions.is_agent_contact and not interactions.answered as is_unanswered,
        interactions.kind,
        interactions.source,
        interactions.row_key,
        interactions.occurred_at,
        {%- for code in codes %}
        windows.{{ code }}_days,
        {%- endfor %}
        interactions.days_ago
    from interactions
    cross join windows
    where interactions.days_ago < 2 * windows.longest_days

),

counts as (

    select
        as_of,
        customer_key,
        min(days_ago) as days_since_last,
        count(case when days_ago < unanswered_contacts_days and is_unanswered then 1 end) as unanswered_contacts,
        count(case when days_ago < complaints_days and kind = 'complaint' then 1 end) as complaints,
        count(case when days_ago < repeated_cancellations_days and kind = 'cancellation' then 1 end) as cancellations,
        count(case when days_ago < intent_decline_days and is_customer_initiated then 1 end) as events,
        count(
            case
                when
                    days_ago >= intent_decline_days
                    and days_ago < 2 * intent_decline_days
                    and is_customer_initiated
                    then 1
            end
        ) as events_before
    from in_windows
    group by as_of, customer_key

),

-- The latest score counts. At the same moment, the larger key counts, so that the row order does not matter.
last_scores as (

    select
        as_of,
        customer_key,
        satisfaction_score
    from in_windows
    where days_ago < low_satisfaction_days and satisfaction_score is not null
    qualify
        row_number() over (
            partition by as_of, customer_key
            order by occurred_at desc, source desc, row_key desc
        ) = 1

),

measures as (

    select
        counts.as_of,
        counts.customer_key,
        triggers.code,
        triggers.cause,
        triggers.label_en,
        triggers.label_zh,
        triggers.position,
        triggers.threshold,
        case triggers.code
            when 'unanswered_contacts' then counts.unanswered_contacts
            when 'complaints' then counts.complaints
            when 'repeated_cancellations' then counts.cancellations
            when 'low_satisfaction' then last_scores.satisfaction_score
            -- With fewer events, a fall has no meaning.
            when 'intent_decline'
                then
                    case
                        when counts.events_before >= triggers.minimum_count
                            then {{ rounded('1 - cast(counts.events as double) / nullif(counts.events_before, 0)', 6) }}
                    end
        end as measure
    from counts
    cross join triggers
    left join last_scores
        on
            counts.as_of = last_scores.as_of
            and counts.customer_key = last_scores.customer_key
    where counts.days_since_last < 2 * triggers.window_days

),

final as (

    select
        as_of,
        customer_key,
        code,
        cause,
        label_en,
        label_zh,
        position,
        measure
    from measures
    where
        (code != 'low_satisfaction' and measure >= threshold)
        or (code = 'low_satisfaction' and measure < threshold)

)

select * from final
