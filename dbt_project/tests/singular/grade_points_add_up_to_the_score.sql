-- Fails with customers whose score is not the sum of their points, or who lack a component.
with points as (

    select
        as_of,
        customer_key,
        sum(points) as point_sum,
        count(*) as components
    from {{ ref('int_grade_points__by_customer_as_of') }}
    group by as_of, customer_key

),

expected as (

    select count(distinct component) as components from {{ ref('grade_points') }}

)

select
    grades.as_of,
    grades.customer_key,
    grades.score,
    points.point_sum,
    points.components
from {{ ref('grades__by_as_of') }} as grades
cross join expected
left join points
    on
        grades.as_of = points.as_of
        and grades.customer_key = points.customer_key
where
    points.point_sum is null
    or points.point_sum != grades.score
    or points.components != expected.components
