"""Run the statements of a match on a connection."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from pipelines.mining.matching.blocks import preparation
from pipelines.mining.matching.ranking import ranking

MATCHES = "match_matches"


def match(
    connection: duckdb.DuckDBPyConnection, demand: str, market: str, viewings: str, weights: Mapping[str, float]
) -> None:
    """Create the temporary table MATCHES: the best TOP listings of each customer, with the factors of each score.

    Queries as input. `demand`: customer_key, demand_type, project, district, layout, area_min, area_max, budget_min,
    budget_max. `market`: property_key, market_use (sale or rent), project, district, layout, area, list_price,
    listed_on. `viewings`: customer_key, property_key, and project, layout, list_price of the viewed listing. A match
    is of the wanted use, was not viewed by the customer, and fits in some factor. Ties go to the listing with more
    viewers, then to the newer listing, then by key.
    Columns of MATCHES: customer_key, rank, property_key, score, FACTORS.
    """
    inputs = {"match_demand": demand, "match_market": market, "match_viewings": viewings}
    statements = {**inputs, **preparation(weights), **ranking(weights)}
    for name, query in statements.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
    for name in statements:
        if name != MATCHES:
            connection.execute(f"DROP TABLE temp.{name}")
