with grades as (

    {{ on_published_day('grades__by_as_of') }}

),

-- The models whose probabilities are in the grade score. A champion never scores a day before its `trained_through`.
latest_models as (

    select
        champions.as_of,
        max(champions.trained_through) as trained_through
    from {{ ref('stg_scoring__champions') }} as champions
    inner join {{ ref('horizons') }} as horizons
        on
            champions.target = horizons.target
            and champions.horizon_days = horizons.horizon_days
    where horizons.grades and horizons.target in ('intent', 'tenant_loss')
    group by champions.as_of

),

with_changes as (

    select
        grades.as_of,
        grades.grade_previous,
        grades.grade,
        grades.driver_en,
        grades.driver_zh,
        coalesce(grades.previous_rule_version != grades.rule_version, false) as has_new_rules,
        coalesce(latest_models.trained_through > grades.previous_graded_on, false) as has_new_model
    from grades
    left join latest_models on grades.as_of = latest_models.as_of

),

moves as (

    select
        as_of,
        coalesce(grade_previous, 'new') as grade_from,
        grade as grade_to,
        has_new_rules,
        has_new_model,
        case
            when grade_previous is null or grade_previous = grade then ''
            when has_new_rules and has_new_model then 'Rules and model changed. '
            when has_new_rules then 'Rules changed. '
            when has_new_model then 'New model. '
            else ''
        end || coalesce(driver_en, 'No reason counted') as reason,
        case
            when grade_previous is null or grade_previous = grade then ''
            when has_new_rules and has_new_model then '评级规则和模型已更新；'
            when has_new_rules then '评级规则已更新；'
            when has_new_model then '模型已更新；'
            else ''
        end || coalesce(driver_zh, '无计分原因') as reason_zh
    from with_changes

),

reasons as (

    select
        as_of,
        grade_from,
        grade_to,
        reason,
        reason_zh,
        count(*) as customers,
        count(case when has_new_rules then 1 end) as customers_new_rules,
        count(case when has_new_model then 1 end) as customers_new_model
    from moves
    group by as_of, grade_from, grade_to, reason, reason_zh

),

most_frequent as (

    select * from reasons
    qualify
        row_number() over (
            partition by as_of, grade_from, grade_to
            order by customers desc, reason asc
        ) = 1

),

move_counts as (

    select
        as_of,
        grade_from,
        grade_to,
        sum(customers) as customers,
        sum(customers_new_rules) as customers_new_rules,
        sum(customers_new_model) as customers_new_model
    from reasons
    group by as_of, grade_from, grade_to

),

final as (

    select
        move_counts.as_of,
        move_counts.grade_from,
        move_counts.grade_to,
        case
            when move_counts.grade_from = 'new' then 'new'
            when move_counts.grade_from = move_counts.grade_to then 'same'
            when move_counts.grade_from > move_counts.grade_to then 'up'
            else 'down'
        end as direction,
        cast(move_counts.customers as integer) as customers,
        cast(move_counts.customers as double)
        / sum(move_counts.customers) over (partition by move_counts.as_of, move_counts.grade_from) as share_of_from,
        cast(move_counts.customers_new_rules as integer) as customers_new_rules,
        cast(move_counts.customers_new_model as integer) as customers_new_model,
        most_frequent.reason as commonest_reason,
        most_frequent.reason_zh as commonest_reason_zh
    from move_counts
    inner join most_frequent
        on
            move_counts.as_of = most_frequent.as_of
            and move_counts.grade_from = most_frequent.grade_from
            and move_counts.grade_to = most_frequent.grade_to

)

select * from final
