SELECT
    as_of,
    {member channel} AS channel,
    month,
    point,
    low,
    high,
    method,
    error_ratio,
    coverage
FROM demand_forecast
