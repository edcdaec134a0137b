SELECT
    as_of,
    CASE grade_from WHEN 'new' THEN '{New customer|新客户}' ELSE '{Before |上次 }' || grade_from END AS grade_from,
    '{Now |本次 }' || grade_to AS grade_to,
    CASE direction WHEN 'up' THEN '{Up|上升}' WHEN 'down' THEN '{Down|下降}' WHEN 'same' THEN '{Same|不变}' ELSE '{New|新增}' END
        AS direction,
    customers,
    share_of_from,
    commonest_reason{|_zh} AS commonest_reason
FROM grade_movements
