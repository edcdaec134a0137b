-- All grades so far by the customer key of their day, with the day of the last change of that key.
with ledger as (

    select * from {{ ref('stg_ledger__grades') }}

),

scores as (

    select * from {{ ref('int_grade_scores__by_customer_as_of') }}

),

held_grades as (

    select * from {{ ref('int_held_grades__by_customer_as_of') }}

),

churn as (

    select * from {{ ref('int_churn__by_customer_as_of') }}

),

run as (

    select * from {{ ref('stg_scope__run') }}

),

all_grades as (

    select
        customer_key,
        graded_as_of,
        grade,
        score,
        rule_version,
        model_version
    from ledger
    union all
    select
        scores.customer_key,
        scores.as_of as graded_as_of,
        held_grades.grade,
        scores.score,
        run.rule_version,
        churn.model_version
    from scores
    cross join run
    inner join held_grades
        on
            scores.as_of = held_grades.as_of
            and scores.customer_key = held_grades.customer_key
    left join churn
        on
            scores.as_of = churn.as_of
            and scores.customer_key = churn.customer_key

),

with_neighbours as (

    select
        *,
        lag(grade) over (partition by customer_key order by graded_as_of asc) as grade_before,
        lead(graded_as_of) over (partition by customer_key order by graded_as_of asc) as graded_next_on
    from all_grades

),

final as (

    select
        customer_key,
        graded_as_of,
        grade,
        rule_version,
        model_version,
        score,
        max(case when grade_before is null or grade_before != grade then graded_as_of end) over (
            partition by customer_key
            order by graded_as_of asc
            rows between unbounded preceding and current row
        ) as grade_started_on,
        graded_next_on
    from with_neighbours

)

select * from final
