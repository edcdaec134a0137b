SELECT
    as_of,
    label_{lang} AS label,
    CASE entity
        WHEN 'leads' THEN '{Leads|线索}'
        WHEN 'interactions' THEN '{Interactions|跟进记录}'
        WHEN 'transactions' THEN '{Transactions|交易}'
        WHEN 'properties' THEN '{Properties|房源}'
        WHEN 'agents' THEN '{Agents|置业顾问}'
        WHEN 'costs' THEN '{Costs|费用}'
        WHEN 'customers' THEN '{Customers|客户}'
        ELSE entity
    END AS entity,
    rows_checked,
    rows_failed,
    share,
    bar,
    share > bar AS is_over_bar,
    CASE severity WHEN 'error' THEN '{Error|错误}' WHEN 'warn' THEN '{Repair|需修复}' ELSE '{Info|提示}' END AS severity,
    severity_rank
FROM data_quality
