with points as (

    select * from {{ ref('int_grade_points__by_customer_as_of') }}

),

cuts as (

    select * from {{ ref('grade_cuts') }}

),

summed as (

    select
        as_of,
        customer_key,
        cast(sum(points) as integer) as score
    from points
    group by as_of, customer_key

),

-- The starting score is nobody's reason, and neither is what counted nothing.
ranked as (

    select
        *,
        row_number() over (
            partition by as_of, customer_key
            order by abs(points) desc, component asc
        ) as reason_number
    from points
    where component != 'base' and points != 0

),

reasons as (

    select
        as_of,
        customer_key,
        {%- for number in [1, 2, 3] %}
        max(case when reason_number = {{ number }} then reason_en end) as reason_{{ number }},
        max(case when reason_number = {{ number }} then reason_zh end) as reason_{{ number }}_zh,
        {%- endfor %}
        count(*) as reasons_found
    from ranked
    group by as_of, customer_key

),

final as (

    select
        summed.as_of,
        summed.customer_key,
        cuts.grade,
        cuts.strategy_en,
        cuts.strategy_zh,
        reasons.reason_1,
        reasons.reason_2,
        reasons.reason_3,
        reasons.reason_1_zh,
        reasons.reason_2_zh,
        reasons.reason_3_zh,
        summed.score
    from summed
    left join reasons
        on
            summed.as_of = reasons.as_of
            and summed.customer_key = reasons.customer_key
    left join cuts on {{ in_band('summed.score', 'cuts', 'min_score', 'max_score') }}

)

select * from final
