-- Every likely cause has a response at every warning level.
with causes as (

    select * from {{ ref('causes') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

responses as (

    select * from {{ ref('responses') }}

)

select
    causes.cause,
    levels.level
from causes
cross join levels
left join responses
    on
        causes.cause = responses.cause
        and levels.level = responses.level
where responses.action is null
