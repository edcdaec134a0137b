-- Fails where some combination of members would leave the scale.
with components as (

    select
        component,
        min(points) as lowest,
        max(points) as highest
    from {{ ref('grade_points') }}
    group by component

)

select
    sum(lowest) as lowest_score,
    sum(highest) as highest_score
from components
having sum(lowest) < 0 or sum(highest) > 100
