-- Total variation: half the sum, over all values, of the absolute difference of their shares.
with windows as (

    select * from {{ ref('int_history_windows__by_as_of') }}
    where rule like 'values%' and not has_holiday

),

rules as (

    select * from {{ ref('history_rules') }}

),

arrivals as (

    select * from {{ ref('int_values__by_day') }}

),

pairs as (

    select
        source,
        entity,
        field,
        min(known_on) as first_on
    from arrivals
    group by source, entity, field

),

subjects as (

    select
        windows.as_of,
        pairs.source,
        pairs.entity,
        windows.rule,
        pairs.field,
        pairs.first_on
    from pairs
    inner join windows
        on
            windows.place = 0
            and pairs.first_on < windows.as_of

),

accepted as (

    {{ accepted_from() }}

),

counts as (

    select
        accepted.as_of,
        accepted.source,
        accepted.entity,
        accepted.field,
        accepted.rule,
        accepted.accepted_from,
        arrivals.value,
        windows.place,
        sum(arrivals.row_count) as row_count
    from accepted
    inner join pairs
        on
            accepted.source = pairs.source
            and accepted.entity = pairs.entity
            and accepted.field = pairs.field
    inner join windows
        on
            accepted.as_of = windows.as_of
            and accepted.rule = windows.rule
            and (
                windows.place = 0
                or (
                    pairs.first_on < windows.starts_on
                    and (accepted.accepted_from is null or accepted.accepted_from <= windows.starts_on)
                )
            )
    inner join arrivals
        on
            accepted.source = arrivals.source
            and accepted.entity = arrivals.entity
            and accepted.field = arrivals.field
            and windows.starts_on <= arrivals.known_on
            and windows.ends_on >= arrivals.known_on
    group by
        accepted.as_of, accepted.source, accepted.entity, accepted.field, accepted.rule, accepted.accepted_from,
        arrivals.value, windows.place

),

totals as (

    select
        as_of,
        source,
        entity,
        field,
        rule,
        accepted_from,
        sum(case when place = 0 then row_count else 0 end) as rows_now,
        sum(case when place > 0 then row_count else 0 end) as rows_then,
        count(distinct case when place > 0 then place end) as windows
    from counts
    group by as_of, source, entity, field, rule, accepted_from

),

by_value as (

    select
        as_of,
        source,
        entity,
        field,
        rule,
        value,
        sum(case when place = 0 then row_count else 0 end) as rows_now,
        sum(case when place > 0 then row_count else 0 end) as rows_then
    from counts
    group by as_of, source, entity, field, rule, value

),

distances as (

    select
        totals.as_of,
        totals.source,
        totals.entity,
        totals.field,
        totals.rule,
        totals.accepted_from,
        totals.rows_now,
        totals.rows_then,
        totals.windows,
        {{ rounded(
            'sum(
                abs(
                    cast(by_value.rows_now as double) / nullif(totals.rows_now, 0)
                    - cast(by_value.rows_then as double) / nullif(totals.rows_then, 0)
                )
            ) / 2', 6
        ) }} as distance
    from totals
    inner join by_value
        on
            totals.as_of = by_value.as_of
            and totals.source = by_value.source
            and totals.entity = by_value.entity
            and totals.field = by_value.field
            and totals.rule = by_value.rule
    group by
        totals.as_of, totals.source, totals.entity, totals.field, totals.rule, totals.accepted_from, totals.rows_now,
        totals.rows_then, totals.windows

),

final as (

    select
        distances.as_of,
        distances.rule,
        distances.source,
        distances.entity,
        distances.field,
        distances.distance as found,
        cast(null as double) as usual_low,
        cast(null as double) as usual_high,
        cast(rules.warn_bar as double) as bar,
        distances.windows as compared,
        case
            when distances.windows < rules.min_windows and distances.accepted_from is not null then 'accepted'
            when distances.windows < rules.min_windows or distances.rows_then < rules.min_rows then 'not_judged'
            when distances.distance <= rules.warn_bar then 'ok'
            else 'warning'
        end as level
    from distances
    inner join rules on distances.rule = rules.rule
    where distances.rows_now >= rules.min_rows

)

select * from final
