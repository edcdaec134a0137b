"""The work of the asset `listing_recommendations` for one day."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from models import SEED
from models.mining.match_recall import recall_figures
from pipelines.home.sql import first_value
from pipelines.mining.matching import inputs
from pipelines.mining.matching.match import match
from pipelines.mining.matching.report import match_report
from pipelines.mining.matching.words import pattern, wordings
from pipelines.mining.read import match_weights
from pipelines.mining.tables import write_query, write_table


def match_listings(connection: duckdb.DuckDBPyConnection, day: date) -> str | None:
    """Write `mining.listing_matches` and its report. Returns the reason if there is nothing to match."""
    weights, labels = match_weights(connection)
    reason, recall = None, pd.DataFrame()
    if not _has_rows(connection, inputs.market(day)):
        reason = "no listing is known to be on the market"
    elif not _has_rows(connection, inputs.demand(day)):
        reason = "no customer is open and agrees to marketing"
    if reason:
        write_table(connection, "listing_matches", pd.DataFrame())
    else:
        match(connection, inputs.demand(day), inputs.market(day), inputs.viewings(day), weights)
        connection.register("match_wordings", wordings(weights, labels))
        query = f"""
SELECT matches.*, DATE '{day}' AS as_of, wordings.why_en, wordings.why_zh
FROM match_matches AS matches
INNER JOIN match_wordings AS wordings ON {pattern(weights)} = wordings.code
ORDER BY matches.customer_key, matches.rank"""
        write_query(connection, "listing_matches", query)
        connection.unregister("match_wordings")
        recall = _recall(connection, day, weights)
    write_table(connection, "match_report", match_report(reason, recall).assign(as_of=pd.Timestamp(day)))
    return reason


def _recall(connection: duckdb.DuckDBPyConnection, day: date, weights: dict[str, float]) -> pd.DataFrame:
    """Return the recall on viewings of the last days, which the matches do not see."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE match_held_back AS {inputs.held_back(day)}")
    demand, market, viewings = inputs.judged_demand(day), inputs.earlier_market(day), inputs.earlier_viewings(day)
    match(connection, demand, market, viewings, weights)
    figures = recall_figures(connection.execute(inputs.hits(day)).df(), SEED)
    connection.execute("DROP TABLE temp.match_held_back; DROP TABLE temp.match_matches")
    return figures


def _has_rows(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    return first_value(connection.execute(f"SELECT count(*) FROM ({query}) AS input")) > 0
