with dates as (

    select * from {{ ref('int_as_of_dates') }}

),

agents as (

    select * from {{ ref('stg_landing__agents') }}

),

known_rows as (

    select
        dates.as_of,
        agents.agent_id,
        agents.team,
        agents.source,
        agents.row_key,
        agents.known_at
    from agents
    inner join dates
        on
            agents.known_at < dates.cutoff_at
            and (agents.superseded_at is null or agents.superseded_at >= dates.cutoff_at)

),

-- Two sources may list the same agent. A known team precedes an unknown team, then the latest row, then the source with
-- the larger name.
final as (

    select
        as_of,
        agent_id,
        team
    from known_rows
    qualify
        row_number() over (
            partition by as_of, agent_id
            order by case when team is null then 1 else 0 end asc, known_at desc, source desc, row_key desc
        ) = 1

)

select * from final
