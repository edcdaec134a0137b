"""The work of each mining asset for one day: frames of core tables in, tables of the schema `mining` out."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from models.mining.backtest import ENOUGH_MONTHS, back_test, judge, whole_months
from models.mining.demand_rules import ENOUGH_CUSTOMERS, OUTCOMES, demand_rules
from models.mining.demand_words import with_sentences
from models.mining.forecast import forecast
from pipelines.mining.read import ARRIVALS, PATTERNS, read
from pipelines.mining.tables import availability, write_table

NOTHING = pd.DataFrame()


def mine_rules(connection: duckdb.DuckDBPyConnection, day: date) -> str | None:
    """Write `mining.demand_rules`. Returns the reason if there are too few data, else None."""
    patterns = read(connection, PATTERNS, day)
    customers = int(patterns["customers"].sum())
    reason = None
    if customers < ENOUGH_CUSTOMERS:
        reason = f"{customers:,} customers, {ENOUGH_CUSTOMERS} are needed"
    elif not patterns[list(OUTCOMES)].any(axis=None):
        reason = "no outcome has happened yet"
    rules = NOTHING if reason else with_sentences(demand_rules(patterns))
    write_table(connection, "demand_rules", _on(rules, day))
    write_table(connection, "rule_report", _on(availability("rules", reason), day))
    return reason


def forecast_demand(connection: duckdb.DuckDBPyConnection, day: date) -> str | None:
    """Write `mining.demand_forecast` and `mining.demand_back_test`. Returns the reason if there are too few data."""
    history = whole_months(read(connection, ARRIVALS, day), pd.Timestamp(day))
    reason, ahead, tested = None, NOTHING, NOTHING
    if len(history) < ENOUGH_MONTHS:
        reason = f"{len(history)} whole months of leads, {ENOUGH_MONTHS} are needed"
    elif not len(history.columns):
        reason = "every channel has too few leads a month"
    else:
        tested = back_test(history)
        judged = judge(tested)
        methods = sorted(judged["method"].unique())
        ahead = pd.concat([forecast(history, method) for method in methods], ignore_index=True)
        ahead = ahead.merge(judged, on=["channel", "method"], how="inner")
    write_table(connection, "demand_forecast", _on(ahead, day))
    write_table(connection, "demand_back_test", _on(tested, day))
    write_table(connection, "forecast_report", _on(availability("forecast", reason), day))
    return reason


def _on(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    return frame.assign(as_of=pd.Timestamp(day))
