-- A warning is given once: at the horizon that grades.
select customer_id
from {{ ref('customer_churn') }}
group by customer_id
having count(warning_level) != 1
