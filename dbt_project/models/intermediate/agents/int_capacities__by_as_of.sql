with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

agents as (

    select * from {{ ref('stg_landing__agents') }}

),

-- Two sources may list the same agent. The latest known capacity counts, then the source with the larger name.
final as (

    select
        dates.as_of,
        agents.agent_id,
        agents.capacity_per_day
    from agents
    inner join dates
        on
            agents.known_at < dates.cutoff_at
            and (agents.superseded_at is null or agents.superseded_at >= dates.cutoff_at)
    where agents.capacity_per_day is not null
    qualify
        row_number() over (
            partition by dates.as_of, agents.agent_id
            order by agents.known_at desc, agents.source desc, agents.row_key desc
        ) = 1

)

select * from final
