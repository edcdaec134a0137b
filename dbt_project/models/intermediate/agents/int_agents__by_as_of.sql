with interactions as (

    select * from {{ ref('int_interactions__by_as_of') }}

),

final as (

    select
        as_of,
        agent_id,
        cast(count(case when answered then 1 end) as double) / count(*) as answer_share_180d
    from interactions
    where is_agent_contact and answered is not null and agent_id is not null and days_ago < 180
    group by as_of, agent_id

)

select * from final
