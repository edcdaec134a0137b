SELECT
    as_of,
    label_{lang} AS label,
    entity,
    rows_checked,
    rows_failed,
    share,
    bar,
    share > bar AS is_over_bar,
    CASE severity WHEN 'error' THEN '{Error|错误}' WHEN 'warn' THEN '{Repair|需修复}' ELSE '{Info|提示}' END AS severity,
    severity_rank
FROM data_quality
