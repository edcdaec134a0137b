SELECT
    as_of,
    label_{lang} AS label,
    entity,
    rows_checked,
    rows_failed,
    share,
    bar,
    share > bar AS is_over_bar,
    severity
FROM data_quality
