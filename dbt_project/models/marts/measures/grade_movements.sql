with grades as (

    select * from {{ ref('customer_grades') }}

),

moved as (

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
    from moved
    group by as_of, grade_from, grade_to, reason, reason_zh

),

commonest as (

    select * from reasons
    qualify
        row_number() over (
            partition by as_of, grade_from, grade_to
            order by customers desc, reason asc
        ) = 1

),

summed as (

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
        summed.as_of,
        summed.grade_from,
        summed.grade_to,
        case
            when summed.grade_from = 'new' then 'new'
            when summed.grade_from = summed.grade_to then 'same'
            when summed.grade_from > summed.grade_to then 'up'
            else 'down'
        end as direction,
        cast(summed.customers as integer) as customers,
        cast(summed.customers as double)
        / sum(summed.customers) over (partition by summed.as_of, summed.grade_from) as share_of_from,
        commonest.reason as commonest_reason,
        commonest.reason_zh as commonest_reason_zh
    from summed
    inner join commonest
        on
            summed.as_of = commonest.as_of
            and summed.grade_from = commonest.grade_from
            and summed.grade_to = commonest.grade_to

)

select * from final
