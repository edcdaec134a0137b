-- A target without a grading horizon has no level; one with two has two of them.
select target
from {{ ref('horizons') }}
group by target
having count(case when grades then 1 end) != 1
