with worklist as (

    select * from {{ ref('int_worklist') }}

),

final as (

    select
        as_of,
        agent_id,
        priority,
        customer_id,
        task,
        task_en,
        task_zh,
        reason_en as reason,
        reason_zh,
        warning_level,
        warning_level_en,
        warning_level_zh,
        grade,
        intent,
        intent_en,
        intent_zh,
        action_en as action,
        action_zh,
        is_marketing,
        is_opted_out,
        expected_benefit,
        due_at,
        is_overdue,
        days_overdue,
        capacity_per_day,
        tasks_of_agent
    from worklist

)

select * from final
