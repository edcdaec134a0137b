-- The queue of customers without an agent has no capacity of its own.
with listed as (

    select * from {{ ref('agent_worklist') }}

),

capacities as (

    select * from {{ ref('int_capacities__by_as_of') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

)

select
    listed.agent_id,
    count(*) as lines_listed
from listed
cross join thresholds
left join capacities
    on
        listed.as_of = capacities.as_of
        and listed.agent_id = capacities.agent_id
where listed.agent_id != 'unassigned'
group by listed.agent_id, capacities.capacity_per_day, thresholds.capacity_per_day
having count(*) > coalesce(capacities.capacity_per_day, thresholds.capacity_per_day)
