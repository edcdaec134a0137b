-- The arm of a case is drawn once and kept in the ledger. Fails if this run draws another arm for a case or opens a
-- case twice.
with openings as (

    select * from {{ ref('int_case_openings') }}

),

ledger as (

    select * from {{ ref('stg_ledger__cases') }}

)

select openings.case_id
from openings
left join ledger on openings.case_id = ledger.case_id
group by openings.case_id
having count(*) > 1 or min(openings.arm) != coalesce(min(ledger.arm), min(openings.arm))
