-- A grade changes only where the score leaves the band around a cut. Of each cut it is enough to know on which side
-- the customer was when last beyond its band: so the days of a backfill need no recursion. A grade that was given
-- under other rules is not held on to.
with scores as (

    select * from {{ ref('int_scores__by_customer_as_of') }}

),

ledger as (

    select * from {{ source('ledger', 'grades') }}

),

run as (

    select * from {{ source('scope', 'run') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

cuts as (

    select
        grade,
        coalesce(min_score, 0) as cut,
        row_number() over (order by coalesce(min_score, 0) asc) as cut_number
    from {{ ref('grade_cuts') }}

),

remembered as (

    select
        ledger.customer_key,
        ledger.graded_as_of,
        cuts.cut_number
    from ledger
    inner join run on ledger.rule_version = run.rule_version
    inner join cuts on ledger.grade = cuts.grade
    qualify row_number() over (partition by ledger.customer_key order by ledger.graded_as_of desc) = 1

),

-- At each cut: 1 above the band, 0 below it, null within.
signals as (

    select
        scores.as_of,
        scores.customer_key,
        cuts.cut_number,
        true as is_of_run,
        case when cuts.cut_number = 1 or scores.score >= cuts.cut then 1 else 0 end as side,
        case
            when cuts.cut_number = 1 or scores.score >= cuts.cut * (1 + thresholds.grade_band) then 1
            when scores.score < cuts.cut * (1 - thresholds.grade_band) then 0
        end as side_beyond_band
    from scores
    cross join cuts
    cross join thresholds
    union all
    select
        remembered.graded_as_of as as_of,
        remembered.customer_key,
        cuts.cut_number,
        false as is_of_run,
        case when cuts.cut_number <= remembered.cut_number then 1 else 0 end as side,
        case when cuts.cut_number <= remembered.cut_number then 1 else 0 end as side_beyond_band
    from remembered
    cross join cuts

),

-- Who has no grade yet gets that of the plain cuts.
sided as (

    select
        *,
        case
            when lag(as_of) over (partition by customer_key, cut_number order by as_of asc) is null then side
            else side_beyond_band
        end as known_side
    from signals

),

lasting as (

    select
        *,
        max(case when known_side = 1 then as_of end) over (
            partition by customer_key, cut_number
            order by as_of asc
            rows between unbounded preceding and current row
        ) as last_above_on,
        max(case when known_side = 0 then as_of end) over (
            partition by customer_key, cut_number
            order by as_of asc
            rows between unbounded preceding and current row
        ) as last_below_on
    from sided

),

held as (

    select
        as_of,
        customer_key,
        max(case when last_below_on is null or last_above_on > last_below_on then cut_number end) as cut_number
    from lasting
    where is_of_run
    group by as_of, customer_key

),

final as (

    select
        held.as_of,
        held.customer_key,
        cuts.grade
    from held
    inner join cuts on held.cut_number = cuts.cut_number

)

select * from final
