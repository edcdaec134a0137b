SELECT
    present.as_of,
    present.month,
    present.is_complete,
    present.month > present.as_of - INTERVAL '1 year' AS is_latest_year,
    present.is_complete AND present.month = (SELECT max(month) FROM kpi_monthly WHERE is_complete) AS is_latest_month,
    present.dimension,
    CASE WHEN present.dimension = 'channel' THEN {member present.member} END AS channel,
    CASE WHEN present.dimension = 'project' THEN {member present.member} END AS project,
    CASE WHEN present.dimension = 'grade' THEN present.member END AS grade,
    CASE WHEN present.dimension = 'team' THEN {member present.member} END AS team,
    CASE WHEN present.dimension = 'agent' THEN {member present.member} END AS agent,
    present.leads,
    last_year.leads AS leads_last_year,
    present.customers,
    present.reached_viewing,
    present.reached_subscription,
    present.reached_signing,
    present.viewings,
    last_year.viewings AS viewings_last_year,
    present.subscriptions,
    present.signed_deals,
    last_year.signed_deals AS signed_deals_last_year,
    present.repeat_deals,
    present.cancellations,
    present.contribution_cny,
    last_year.contribution_cny AS contribution_cny_last_year,
    present.open_at_start,
    present.dormant_customers,
    present.enquiries,
    present.enquiries_due,
    present.enquiries_answered,
    present.enquiries_in_time,
    present.response_hours_median,
    present.complaints,
    present.satisfaction_answers,
    present.satisfaction_mean,
    present.cost_cny
FROM kpi_monthly AS present
LEFT JOIN kpi_monthly AS last_year
    ON
        present.dimension = last_year.dimension
        AND present.member = last_year.member
        AND last_year.month = present.month - INTERVAL '1 year'
