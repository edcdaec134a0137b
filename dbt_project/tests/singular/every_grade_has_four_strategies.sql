-- Usual, loyal, leaving and opted_out; the last is no marketing.
with grades as (

    select * from {{ ref('grade_cuts') }}

),

strategies as (

    select * from {{ ref('strategies') }}
    where situation != 'opted_out' or not is_marketing

)

select grades.grade
from grades
left join strategies on grades.grade = strategies.grade
group by grades.grade
having count(strategies.situation) != 4
