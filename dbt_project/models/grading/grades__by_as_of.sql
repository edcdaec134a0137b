with scores as (

    select * from {{ ref('int_grade_scores__by_customer_as_of') }}

),

held_grades as (

    select * from {{ ref('int_held_grades__by_customer_as_of') }}

),

cuts as (

    select * from {{ ref('grade_cuts') }}

),

churn as (

    select * from {{ ref('int_churn__by_customer_as_of') }}

),

spells as (

    select * from {{ ref('int_grade_spells__by_key') }}

),

customer_records as (

    select * from {{ ref('stg_identity__customer_records') }}

),

run as (

    select * from {{ ref('stg_scope__run') }}

),

-- A customer of today may consist of several earlier customers. Take their latest earlier grade; on the same day, the
-- grade of today's key, then the higher grade score.
previous as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        spells.grade,
        spells.graded_as_of,
        spells.rule_version,
        spells.grade_started_on
    from customer_records
    inner join spells
        on
            customer_records.record_key = spells.customer_key
            and customer_records.as_of > spells.graded_as_of
            and (spells.graded_next_on is null or customer_records.as_of <= spells.graded_next_on)
    qualify
        row_number() over (
            partition by customer_records.as_of, customer_records.customer_key
            order by
                spells.graded_as_of desc,
                case when spells.customer_key = customer_records.customer_key then 0 else 1 end asc,
                spells.score desc,
                spells.customer_key asc
        ) = 1

),

final as (

    select
        scores.as_of,
        scores.customer_key,
        held_grades.grade,
        previous.grade as grade_previous,
        previous.graded_as_of as previous_graded_on,
        previous.rule_version as previous_rule_version,
        churn.churn_status,
        churn.warning_level,
        scores.reason_1,
        scores.reason_2,
        scores.reason_3,
        scores.reason_1_zh,
        scores.reason_2_zh,
        scores.reason_3_zh,
        scores.driver_en,
        scores.driver_zh,
        run.rule_version,
        churn.model_version,
        scores.score,
        scores.expected_value_12m,
        churn.churn_probability,
        case
            when held_grades.grade = previous.grade then previous.grade_started_on else scores.as_of
        end as grade_changed_on
    from scores
    cross join run
    inner join held_grades
        on
            scores.as_of = held_grades.as_of
            and scores.customer_key = held_grades.customer_key
    inner join cuts on held_grades.grade = cuts.grade
    inner join churn
        on
            scores.as_of = churn.as_of
            and scores.customer_key = churn.customer_key
    left join previous
        on
            scores.as_of = previous.as_of
            and scores.customer_key = previous.customer_key

)

select * from final
