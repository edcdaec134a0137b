-- Counts vary with their size. The variance of 2 x sqrt(count) is about 1 if rows come independently. The limit is
-- therefore `warn_bar` deviations of the source's own past below its median, and at most (1 - warn_least) of the
-- median.
with windows as (

    select * from {{ ref('int_history_windows__by_as_of') }}

),

rules as (

    select * from {{ ref('history_rules') }}

),

arrivals as (

    select
        source,
        entity,
        known_on,
        row_count
    from {{ ref('int_arrivals__by_day') }}
    union all
    select
        'all' as source,
        entity,
        known_on,
        sum(row_count) as row_count
    from {{ ref('int_arrivals__by_day') }}
    group by entity, known_on

),

pairs as (

    select
        source,
        entity,
        min(known_on) as first_on
    from arrivals
    group by source, entity

),

-- The rows of the first day of a source may be its whole past.
subjects as (

    select distinct
        windows.as_of,
        pairs.source,
        pairs.entity,
        windows.rule,
        '' as field,
        pairs.first_on
    from pairs
    inner join windows
        on
            (pairs.source = 'all') = (windows.rule = 'volume_total')
            and pairs.first_on < windows.as_of
    where windows.rule like 'volume%'

),

accepted as (

    {{ accepted_from() }}

),

counts as (

    select
        subjects.as_of,
        subjects.source,
        subjects.entity,
        subjects.rule,
        windows.place,
        accepted.accepted_from,
        max(windows.has_holiday) as has_holiday,
        bool_and(
            windows.starts_on > subjects.first_on
            and (accepted.accepted_from is null or windows.starts_on >= accepted.accepted_from)
        ) as is_past,
        coalesce(sum(arrivals.row_count), 0) as row_count
    from subjects
    inner join accepted
        on
            subjects.as_of = accepted.as_of
            and subjects.source = accepted.source
            and subjects.entity = accepted.entity
            and subjects.rule = accepted.rule
    inner join windows
        on
            subjects.as_of = windows.as_of
            and subjects.rule = windows.rule
    left join arrivals
        on
            subjects.source = arrivals.source
            and subjects.entity = arrivals.entity
            and windows.starts_on <= arrivals.known_on
            and windows.ends_on >= arrivals.known_on
    group by
        subjects.as_of, subjects.source, subjects.entity, subjects.rule, windows.place, accepted.accepted_from

),

found as (

    select
        as_of,
        source,
        entity,
        rule,
        accepted_from,
        sum(case when place = 0 then row_count end) as found,
        max(case when place = 0 then has_holiday end) as has_holiday,
        median(case when place > 0 and is_past and not has_holiday then row_count end) as usual,
        min(case when place > 0 and is_past and not has_holiday then row_count end) as usual_low,
        max(case when place > 0 and is_past and not has_holiday then row_count end) as usual_high,
        {{ median_deviation('case when place > 0 and is_past and not has_holiday then 2 * sqrt(row_count) end') }}
            as deviation,
        count(case when place > 0 and is_past and not has_holiday then 1 end) as windows
    from counts
    group by as_of, source, entity, rule, accepted_from

),

with_limit as (

    select
        found.*,
        rules.min_windows,
        rules.min_rows,
        rules.warn_bar is null as is_blocking,
        {{ rounded(
            'case
                when rules.warn_bar is null then rules.block_bar * found.usual
                else least(
                    (1 - rules.warn_least) * found.usual,
                    power(
                        greatest(sqrt(found.usual) - rules.warn_bar * greatest(1.4826 * found.deviation, 1) / 2, 0), 2
                    )
                )
            end', 2
        ) }} as bar
    from found
    inner join rules on found.rule = rules.rule

),

final as (

    select
        as_of,
        rule,
        source,
        entity,
        '' as field,
        cast(found as double) as found,
        cast(usual_low as double) as usual_low,
        cast(usual_high as double) as usual_high,
        cast(bar as double) as bar,
        windows as compared,
        case
            when windows < min_windows and accepted_from is not null then 'accepted'
            when windows < min_windows or has_holiday or usual < min_rows then 'not_judged'
            -- A count as low as in the past blocks nothing.
            when found >= bar or (is_blocking and found >= usual_low) then 'ok'
            when is_blocking then 'block'
            else 'warning'
        end as level
    from with_limit

)

select * from final
