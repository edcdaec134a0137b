-- Compares the median amount of four weeks with the medians of the four-week windows before, to find an export that
-- changed its unit.
with windows as (

    select * from {{ ref('int_history_windows__by_as_of') }}
    where rule = 'amounts'

),

rules as (

    select * from {{ ref('history_rules') }}
    where rule = 'amounts'

),

amounts as (

    select * from {{ ref('int_amounts') }}

),

subjects as (

    select distinct
        windows.as_of,
        amounts.source,
        'transactions' as entity,
        windows.rule,
        amounts.kind as field
    from windows
    inner join amounts
        on
            windows.place = 0
            and windows.starts_on <= amounts.known_on
            and windows.ends_on >= amounts.known_on

),

accepted as (

    {{ accepted_from() }}

),

medians as (

    select
        accepted.as_of,
        accepted.source,
        accepted.field,
        accepted.accepted_from,
        windows.place,
        cast(median(amounts.amount) as double) as median_amount,
        count(*) as row_count
    from accepted
    inner join amounts
        on
            accepted.source = amounts.source
            and accepted.field = amounts.kind
    inner join windows
        on
            accepted.as_of = windows.as_of
            and amounts.known_on >= windows.starts_on
            and amounts.known_on <= windows.ends_on
            and (
                windows.place = 0
                or accepted.accepted_from is null
                or accepted.accepted_from <= windows.starts_on
            )
    group by accepted.as_of, accepted.source, accepted.field, accepted.accepted_from, windows.place

),

summary as (

    select
        medians.as_of,
        medians.source,
        medians.field,
        medians.accepted_from,
        max(case when medians.place = 0 then medians.median_amount end) as now,
        max(case when medians.place = 0 then medians.row_count end) as rows_now,
        median(case when medians.place > 0 and medians.row_count >= rules.min_rows then medians.median_amount end)
            as usual,
        count(case when medians.place > 0 and medians.row_count >= rules.min_rows then 1 end) as windows
    from medians
    cross join rules
    group by medians.as_of, medians.source, medians.field, medians.accepted_from

),

final as (

    select
        summary.as_of,
        rules.rule,
        summary.source,
        'transactions' as entity,
        summary.field,
        {{ rounded('summary.now / nullif(summary.usual, 0)', 6) }} as found,
        cast(null as double) as usual_low,
        cast(null as double) as usual_high,
        cast(rules.warn_bar as double) as bar,
        summary.windows as compared,
        case
            when summary.windows < rules.min_windows and summary.accepted_from is not null then 'accepted'
            when summary.windows < rules.min_windows then 'not_judged'
            when summary.now < rules.warn_bar * summary.usual and summary.usual < rules.warn_bar * summary.now then 'ok'
            else 'warning'
        end as level
    from summary
    cross join rules
    where summary.rows_now >= rules.min_rows

)

select * from final
