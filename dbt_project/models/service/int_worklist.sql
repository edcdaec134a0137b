-- The list of each agent for the day after publication_as_of, within the capacity of the agent.
with listed_tasks as (

    select * from {{ ref('int_listed_tasks') }}

),

churn as (

    {{ on_published_day('int_churn__by_customer_as_of') }}

),

intent as (

    select * from {{ ref('int_intent__by_customer') }}

),

grades as (

    {{ on_published_day('grades__by_as_of') }}

),

capacities as (

    select * from {{ ref('int_capacities__by_as_of') }}

),

levels as (

    select * from {{ ref('warning_levels') }}

),

lead_intents as (

    select * from {{ ref('intent_levels') }}

),

dates as (

    {{ on_published_day('int_as_of_dates') }}

),

ids as (

    select * from {{ ref('stg_identity__customers') }}

),

thresholds as (

    select * from {{ ref('int_thresholds') }}

),

with_benefit as (

    select
        listed_tasks.*,
        ids.customer_id,
        grades.grade,
        intent.intent,
        lead_intents.label_en as intent_en,
        lead_intents.label_zh as intent_zh,
        levels.label_en as warning_level_en,
        levels.label_zh as warning_level_zh,
        case when levels.opens_case then levels.min_probability end as case_level,
        listed_tasks.due_at < dates.cutoff_at as is_overdue,
        coalesce(capacities.capacity_per_day, thresholds.capacity_per_day) as capacity_per_day,
        cast({{ rounded(
            "grades.expected_value_12m
            * case when listed_tasks.task = 'warning' then churn.churn_probability else intent.probability end", 4
        ) }} as decimal(18, 4)) as expected_benefit
    from listed_tasks
    cross join thresholds
    cross join dates
    inner join ids on listed_tasks.customer_key = ids.customer_key
    inner join grades on listed_tasks.customer_key = grades.customer_key
    left join churn on listed_tasks.customer_key = churn.customer_key
    left join intent on listed_tasks.customer_key = intent.customer_key
    left join levels on listed_tasks.warning_level = levels.level
    left join lead_intents on intent.intent = lead_intents.level
    left join capacities
        on
            listed_tasks.as_of = capacities.as_of
            and listed_tasks.agent_id = capacities.agent_id

),

-- Requests of customers come first, in the order of their deadlines. Warnings that open a case follow, the highest
-- level first. The other tasks follow by the expected benefit, and so do the warnings of one level.
numbered_tasks as (

    select
        *,
        row_number() over (
            partition by agent_id
            order by
                is_marketing asc,
                case when not is_marketing then task_priority end asc nulls last,
                case_level desc nulls last,
                case when is_marketing then expected_benefit end desc nulls last,
                task_priority asc,
                due_at asc,
                customer_id asc
        ) as position_of_agent,
        count(*) over (partition by agent_id) as tasks_of_agent
    from with_benefit

),

final as (

    select
        as_of,
        agent_id,
        cast(position_of_agent as integer) as priority,
        customer_key,
        customer_id,
        task,
        task_en,
        task_zh,
        reason_en,
        reason_zh,
        warning_level,
        warning_level_en,
        warning_level_zh,
        grade,
        intent,
        intent_en,
        intent_zh,
        action_en,
        action_zh,
        is_marketing,
        is_opted_out,
        expected_benefit,
        due_at,
        case when agent_id <> 'unassigned' then cast(capacity_per_day as integer) end as capacity_per_day,
        cast(tasks_of_agent as integer) as tasks_of_agent,
        is_overdue,
        case
            when is_overdue then cast({{ dbt.datediff('cast(due_at as date)', 'as_of', 'day') }} as integer) + 1
            else 0
        end as days_overdue
    from numbered_tasks
    where position_of_agent <= capacity_per_day or agent_id = 'unassigned'

)

select * from final
