SELECT
    churn.as_of,
    churn.customer_id,
    churn.warning_level_{lang} AS warning_level,
    CASE churn.warning_level WHEN 'urgent' THEN 1 WHEN 'high' THEN 2 WHEN 'middle' THEN 3 WHEN 'low' THEN 4 ELSE 5 END
        AS warning_level_rank,
    churn.churn_probability,
    churn.likely_cause_{lang} AS likely_cause,
    churn.triggers{|_zh} AS triggers,
    churn.reason_1{|_zh} AS reason_1,
    churn.action{|_zh} AS action,
    churn.owner_agent_id AS agent,
    churn.due_on,
    grades.grade,
    grades.expected_value_12m,
    grades.intent_{lang} AS intent,
    profile.first_channel AS channel
FROM customer_churn AS churn
INNER JOIN customer_grades AS grades ON churn.customer_id = grades.customer_id
INNER JOIN customer_profile AS profile ON churn.customer_id = profile.customer_id
WHERE churn.warning_level <> 'none'
