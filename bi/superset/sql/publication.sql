SELECT
    as_of,
    published_at,
    customer_grades_rows,
    rule_version,
    model_version
FROM publication
