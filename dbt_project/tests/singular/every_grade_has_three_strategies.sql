-- Usual, loyal and leaving.
with grades as (

    select * from {{ ref('grade_cuts') }}

),

strategies as (

    select * from {{ ref('strategies') }}

)

select grades.grade
from grades
left join strategies on grades.grade = strategies.grade
group by grades.grade
having count(strategies.situation) != 3
