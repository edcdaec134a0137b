SELECT
    grades.as_of,
    grades.customer_id,
    grades.grade,
    grades.grade_previous,
    grades.grade_changed_on,
    grades.score,
    grades.expected_value_12m,
    grades.value_class,
    grades.rfm_segment_{lang} AS rfm_segment,
    grades.lifecycle_stage_{lang} AS lifecycle_stage,
    grades.intent_{lang} AS intent,
    grades.purchasing_power_{lang} AS purchasing_power,
    grades.churn_probability,
    grades.warning_level_{lang} AS warning_level,
    grades.reason_1{|_zh} AS reason_1,
    grades.strategy{|_zh} AS strategy,
    grades.is_opted_out,
    profile.first_channel AS channel,
    profile.preferred_district AS district,
    profile.demand_type_{lang} AS demand_type
FROM customer_grades AS grades
INNER JOIN customer_profile AS profile ON grades.customer_id = profile.customer_id
