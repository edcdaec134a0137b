-- Each relationship has one warning level, at the grading horizon.
select customer_id
from {{ ref('customer_churn') }}
group by customer_id
having count(warning_level) != 1
