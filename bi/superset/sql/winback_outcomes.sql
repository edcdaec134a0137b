SELECT
    as_of,
    CASE origin WHEN 'case' THEN '{All win-back cases|全部挽回任务}' ELSE campaign END AS campaign,
    origin,
    likely_cause_{lang} AS likely_cause,
    action_{lang} AS action,
    likely_cause = 'all' AND action = 'all' AS is_total,
    treated_customers,
    treated_returned,
    hold_out_customers,
    hold_out_returned,
    treated_share,
    hold_out_share,
    lift,
    lift_low,
    lift_high
FROM winback_outcomes
