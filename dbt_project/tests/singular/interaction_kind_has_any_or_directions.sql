-- Fails with kinds that have both a row for any direction and a row for one direction: an interaction would count
-- twice.
select kind
from {{ ref('interaction_kinds') }}
group by kind
having count(*) > 1 and max(case when direction = 'any' then 1 else 0 end) = 1
