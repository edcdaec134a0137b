SELECT
    as_of,
    {member agent_id} AS agent,
    priority,
    customer_id,
    task_{lang} AS task,
    reason{|_zh} AS reason,
    action{|_zh} AS action,
    grade,
    intent_{lang} AS intent,
    warning_level_{lang} AS warning_level,
    expected_benefit,
    due_at,
    CASE WHEN is_overdue THEN '{Overdue|已逾期}' ELSE '{In time|未逾期}' END AS due_status,
    is_overdue,
    days_overdue,
    capacity_per_day,
    tasks_of_agent
FROM agent_worklist
