SELECT
    as_of,
    case_id,
    customer_id,
    opened_on,
    level_{lang} AS warning_level,
    level_rank AS warning_level_rank,
    likely_cause_{lang} AS likely_cause,
    action_{lang} AS action,
    {member owner_agent_id} AS agent,
    due_on,
    ends_on,
    CASE arm WHEN 'treated' THEN '{Treated|干预组}' ELSE '{Hold-out|对照组}' END AS arm,
    CASE status
        WHEN 'open' THEN '{Open|进行中}'
        WHEN 'won' THEN '{Won back|已挽回}'
        WHEN 'lost' THEN '{Lost|未挽回}'
        WHEN 'stopped' THEN '{Stopped|已停止}'
        ELSE '{Superseded|已合并}'
    END AS status,
    closed_on
FROM winback_cases
