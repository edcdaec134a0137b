SELECT
    as_of,
    channel,
    month,
    point,
    low,
    high,
    method,
    error_ratio,
    coverage
FROM demand_forecast
