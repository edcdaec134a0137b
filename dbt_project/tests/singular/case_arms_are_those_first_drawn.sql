-- The ledger decides: a run that would draw another arm for a case, or open it twice, is wrong.
with openings as (

    select * from {{ ref('int_case_openings') }}

),

ledger as (

    select * from {{ source('cases', 'cases') }}

)

select openings.case_id
from openings
left join ledger on openings.case_id = ledger.case_id
group by openings.case_id
having count(*) > 1 or min(openings.arm) != coalesce(min(ledger.arm), min(openings.arm))
