"""Queries of mining: core tables of one day, as frames."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

MASKED = "(masked)"
"""Replaces a text that may not be shown (dbt macro `label`)."""
CUSTOMERS = """
SELECT
    features.*, coalesce(rfm.frequency, 0) AS frequency, coalesce(rfm.monetary_total, 0)::DOUBLE AS monetary_total,
    demand.district, demand.layout, lifecycle.lifecycle_stage
FROM core.customer_features AS features
LEFT JOIN core.customer_rfm__by_as_of AS rfm USING (as_of, customer_key)
LEFT JOIN core.customer_demand AS demand USING (as_of, customer_key)
LEFT JOIN core.customer_lifecycle AS lifecycle USING (as_of, customer_key)
WHERE features.as_of = ?
ORDER BY features.customer_key
"""
ARRIVALS = "SELECT channel, arrived_month AS month, leads FROM core.lead_arrivals WHERE as_of = ?"


def read(connection: duckdb.DuckDBPyConnection, query: str, as_of: date) -> pd.DataFrame:
    """Return the rows of one of the queries above, for a day."""
    return connection.execute(query, [as_of]).df()


def match_weights(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, float], dict[str, tuple[str, str]]]:
    """Return weight and label (English, Chinese) of each factor of a match, from the rules."""
    rows = connection.execute("SELECT factor, weight, label_en, label_zh FROM rules.match_weights").fetchall()
    return {row[0]: float(row[1]) for row in rows}, {row[0]: (row[2], row[3]) for row in rows}
