with grades as (

    select * from {{ ref('customer_grades') }}

),

moves as (

    select
        as_of,
        coalesce(grade_previous, 'new') as grade_from,
        grade as grade_to,
        coalesce(reason_1, 'No reason counted') as reason,
        coalesce(reason_1_zh, '无计分原因') as reason_zh
    from grades

),

reasons as (

    select
        as_of,
        grade_from,
        grade_to,
        reason,
        reason_zh,
        count(*) as customers
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
        sum(customers) as customers
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
