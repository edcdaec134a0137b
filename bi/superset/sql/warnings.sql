SELECT
    churn.as_of,
    churn.customer_id,
    churn.warning_level_{lang} AS warning_level,
    churn.warning_level_rank,
    churn.churn_probability,
    churn.likely_cause_{lang} AS likely_cause,
    churn.triggers{|_zh} AS triggers,
    churn.reason_1{|_zh} AS reason_1,
    churn.action{|_zh} AS action,
    {member churn.owner_agent_id} AS agent,
    churn.due_on,
    grades.grade,
    grades.expected_value_12m,
    grades.intent_{lang} AS intent,
    {member profile.first_channel} AS channel
FROM customer_churn AS churn
INNER JOIN customer_grades AS grades ON churn.customer_id = grades.customer_id
INNER JOIN customer_profile AS profile ON churn.customer_id = profile.customer_id
WHERE churn.warning_level <> 'none'
