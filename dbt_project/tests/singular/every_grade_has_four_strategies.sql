-- Every grade has the situations usual, loyal, leaving and opted_out; the strategy for opted_out is not marketing.
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
