-- Each target has exactly one grading horizon; otherwise it would have no level or two levels.
select target
from {{ ref('horizons') }}
group by target
having count(case when grades then 1 end) != 1
