select
    as_of,
    customer_key
from {{ ref('int_cases__by_as_of') }}
where status = 'open'
group by as_of, customer_key
having count(*) > 1
