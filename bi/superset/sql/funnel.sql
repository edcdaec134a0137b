SELECT
    kpi.as_of,
    kpi.month,
    kpi.is_complete,
    kpi.month > kpi.as_of - INTERVAL '1 year' AS is_latest_year,
    kpi.dimension,
    CASE WHEN kpi.dimension = 'channel' THEN {member kpi.member} END AS channel,
    CASE WHEN kpi.dimension = 'project' THEN {member kpi.member} END AS project,
    stages.stage_rank,
    stages.stage,
    CASE stages.stage_rank
        WHEN 1 THEN kpi.customers
        WHEN 2 THEN kpi.reached_viewing
        WHEN 3 THEN kpi.reached_subscription
        ELSE kpi.reached_signing
    END AS reached
FROM kpi_monthly AS kpi
CROSS JOIN (
    VALUES (1, '{New customers|新增客户}'), (2, '{Viewing|到访看房}'), (3, '{Subscription|认购}'), (4, '{Signing|签约}')
) AS stages (stage_rank, stage)
