SELECT
    worklist.as_of,
    worklist.agent_id AS agent,
    worklist.priority,
    worklist.customer_id,
    worklist.task_{lang} AS task,
    worklist.reason{|_zh} AS reason,
    worklist.action{|_zh} AS action,
    worklist.expected_benefit,
    worklist.due_at,
    grades.grade,
    grades.intent_{lang} AS intent,
    grades.warning_level_{lang} AS warning_level
FROM agent_worklist AS worklist
INNER JOIN customer_grades AS grades ON worklist.customer_id = grades.customer_id
