-- Fails with steps that are cancelled by more than one reversal.
select
    as_of,
    netted_transaction_key,
    count(*) as reversals
from {{ ref('int_netted_steps__by_as_of') }}
where netted_transaction_key is not null
group by as_of, netted_transaction_key
having count(*) > 1
