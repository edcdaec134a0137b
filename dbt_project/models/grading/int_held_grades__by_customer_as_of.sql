-- Hysteresis: a grade changes only if the score leaves the band around a cut. Grades of an earlier rule version do not
-- count.
with scores as (

    select * from {{ ref('int_grade_scores__by_customer_as_of') }}

),

ledger as (

    select * from {{ ref('stg_ledger__grades') }}

),

run as (

    select * from {{ ref('stg_scope__run') }}

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

previous_grades as (

    select
        ledger.customer_key,
        ledger.graded_as_of,
        cuts.cut_number
    from ledger
    inner join run on ledger.rule_version = run.rule_version
    inner join cuts on ledger.grade = cuts.grade
    qualify row_number() over (partition by ledger.customer_key order by ledger.graded_as_of desc) = 1

),

-- For each cut: 1 above the band, 0 below the band, null within the band.
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
        previous_grades.graded_as_of as as_of,
        previous_grades.customer_key,
        cuts.cut_number,
        false as is_of_run,
        case when cuts.cut_number <= previous_grades.cut_number then 1 else 0 end as side,
        case when cuts.cut_number <= previous_grades.cut_number then 1 else 0 end as side_beyond_band
    from previous_grades
    cross join cuts

),

held_cuts as (

    {{ hysteresis('signals') }}

),

final as (

    select
        held_cuts.as_of,
        held_cuts.customer_key,
        cuts.grade
    from held_cuts
    inner join cuts on held_cuts.cut_number = cuts.cut_number

)

select * from final
