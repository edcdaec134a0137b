with scores as (

    select * from {{ ref('int_scores__by_customer_as_of') }}

),

held as (

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

    select * from {{ source('identity', 'customer_records') }}

),

run as (

    select * from {{ source('scope', 'run') }}

),

-- Of all keys that are this customer today, the latest earlier grade; today's own key first, then the higher score.
previous as (

    select
        customer_records.as_of,
        customer_records.customer_key,
        spells.grade,
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
        held.grade,
        previous.grade as grade_previous,
        churn.churn_status,
        churn.warning_level,
        scores.reason_1,
        scores.reason_2,
        scores.reason_3,
        scores.reason_1_zh,
        scores.reason_2_zh,
        scores.reason_3_zh,
        run.rule_version,
        churn.model_version,
        scores.score,
        scores.expected_value_12m,
        churn.churn_probability,
        case when held.grade = previous.grade then previous.grade_started_on else scores.as_of end as grade_changed_on
    from scores
    cross join run
    inner join held
        on
            scores.as_of = held.as_of
            and scores.customer_key = held.customer_key
    inner join cuts on held.grade = cuts.grade
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
