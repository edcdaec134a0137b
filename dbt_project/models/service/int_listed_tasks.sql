-- The task of each customer that may be listed: due by the end of the next day or overdue, allowed by consent and
-- hold-out, and with the smallest priority number.
with dates as (

    {{ on_published_day('int_as_of_dates') }}

),

customers as (

    {{ on_published_day('customers') }}

),

tasks as (

    select * from {{ ref('int_tasks') }}

),

opt_outs as (

    {{ on_published_day('int_opt_outs__by_customer_as_of') }}

),

held_out as (

    select * from {{ ref('int_held_out_customers') }}

),

final as (

    select
        customers.as_of,
        customers.customer_key,
        coalesce(customers.agent_id, 'unassigned') as agent_id,
        tasks.task,
        tasks.task_en,
        tasks.task_zh,
        tasks.task_priority,
        tasks.is_marketing,
        tasks.is_listed_early,
        tasks.is_winback,
        tasks.warning_level,
        tasks.reason_en,
        tasks.reason_zh,
        tasks.action_en,
        tasks.action_zh,
        tasks.due_at,
        opt_outs.heeded_on is not null as is_opted_out
    from tasks
    cross join dates
    inner join customers on tasks.customer_key = customers.customer_key
    left join opt_outs on tasks.customer_key = opt_outs.customer_key
    left join held_out on tasks.customer_key = held_out.customer_key
    where
        (
            tasks.due_at < {{ dbt.dateadd('hour', 24, 'dates.cutoff_at') }}
            -- Requests of customers and tasks of cases are listed before the day on which they are due.
            or tasks.is_listed_early
        )
        and (not tasks.is_marketing or opt_outs.heeded_on is null)
        and (not tasks.is_winback or held_out.customer_key is null)
    qualify row_number() over (partition by tasks.customer_key order by tasks.task_priority asc, tasks.due_at asc) = 1

)

select * from final
