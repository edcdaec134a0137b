"""Queries of mining: core tables of one day, as frames."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pandas as pd

MASKED = "(masked)"
"""Replaces a text that may not be shown (dbt macro `label`)."""
SAMPLED_CUSTOMERS = 50_000
"""Customers who are in memory at a time: to fit personas, and to describe them. Of more customers, those with the first
digests of their keys are the sample."""
_JOINS = """
FROM core.customer_features AS features
LEFT JOIN core.customer_rfm__by_as_of AS rfm USING (as_of, customer_key)
LEFT JOIN core.customer_demand AS demand USING (as_of, customer_key)
LEFT JOIN core.customer_lifecycle AS lifecycle USING (as_of, customer_key)
WHERE features.as_of = $day
"""
_COLUMNS = """
SELECT
    features.customer_key, features.subscriptions_total, features.days_since_customer_event,
    features.days_since_first_known, features.customer_events_90d, features.customer_events_total,
    features.viewings_total, features.demand_type, features.budget_max_wan, features.is_dormancy_available,
    coalesce(rfm.frequency, 0) AS frequency, coalesce(rfm.monetary_total, 0)::DOUBLE AS monetary_total
"""
CUSTOMERS = f"{_COLUMNS} {_JOINS} ORDER BY features.customer_key"
"""The columns of `persona_features` and of the measures of `profiles`."""
SAMPLE = f"""
SELECT * FROM (
    {_COLUMNS} {_JOINS}
    QUALIFY row_number() OVER (ORDER BY md5(features.customer_key), features.customer_key) <= {SAMPLED_CUSTOMERS}
)
ORDER BY customer_key
"""
PATTERNS = f"""
WITH customers AS (
    SELECT
        features.first_channel, features.demand_type, features.purpose, demand.district, demand.layout,
        CAST(features.budget_max_wan AS DOUBLE) AS budget, coalesce(features.demand_type = 'rent', false) AS is_rent,
        coalesce(features.subscriptions_total > 0, false) AS subscribed, coalesce(rfm.frequency > 0, false) AS signed,
        coalesce(features.is_dormancy_available AND lifecycle.lifecycle_stage IN ('dormant', 'lost'), false) AS dormant
    {_JOINS}
),
ranked AS (
    SELECT
        *,
        (
            rank() OVER (PARTITION BY is_rent ORDER BY budget ASC NULLS LAST)
            + (count(*) OVER (PARTITION BY is_rent, budget) - 1) / CAST(2 AS DOUBLE)
        ) / count(budget) OVER (PARTITION BY is_rent) AS budget_share
    FROM customers
)
SELECT
    nullif(first_channel, '{MASKED}') AS first_channel, nullif(demand_type, '{MASKED}') AS demand_type,
    nullif(purpose, '{MASKED}') AS purpose, nullif(district, '{MASKED}') AS district,
    nullif(layout, '{MASKED}') AS layout,
    CASE
        WHEN budget IS NULL THEN NULL
        WHEN budget_share <= CAST(1 AS DOUBLE) / 3 THEN 'low'
        WHEN budget_share <= CAST(2 AS DOUBLE) / 3 THEN 'middle'
        ELSE 'high'
    END AS budget_tier,
    subscribed, signed, dormant, count(*) AS customers
FROM ranked
GROUP BY ALL
ORDER BY ALL
"""
"""Customers by attributes and outcomes. `budget_tier`: third of the budget (mean rank of equal budgets ÷ customers with
a budget) among those who rent, or who buy; null without a budget."""
ARRIVALS = "SELECT channel, arrived_month AS month, leads FROM core.lead_arrivals WHERE as_of = $day"


def read(connection: duckdb.DuckDBPyConnection, query: str, as_of: date) -> pd.DataFrame:
    """Return the rows of one of the queries above, for a day."""
    return connection.execute(query, {"day": as_of}).df()


def read_batches(connection: duckdb.DuckDBPyConnection, query: str, as_of: date) -> Iterator[pd.DataFrame]:
    """Yield the rows of one of the queries above in batches of about SAMPLED_CUSTOMERS."""
    rows = connection.cursor().execute(query, {"day": as_of})
    vectors = SAMPLED_CUSTOMERS // duckdb.__standard_vector_size__ + 1
    while len(batch := rows.fetch_df_chunk(vectors)):
        yield batch


def match_weights(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, float], dict[str, tuple[str, str]]]:
    """Return weight and label (English, Chinese) of each factor of a match, from the rules."""
    rows = connection.execute("SELECT factor, weight, label_en, label_zh FROM rules.match_weights").fetchall()
    return {row[0]: float(row[1]) for row in rows}, {row[0]: (row[2], row[3]) for row in rows}
