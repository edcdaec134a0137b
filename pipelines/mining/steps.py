"""The work of each mining asset for one day: frames of core tables in, tables of the schema `mining` out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import pandas as pd

from models import SEED
from models.features.frames import none_unless
from models.mining.backtest import ENOUGH_MONTHS, back_test, judge, whole_months
from models.mining.demand_rules import ATTRIBUTES, ENOUGH_CUSTOMERS, OUTCOMES, budget_tiers, demand_rules
from models.mining.demand_words import with_sentences
from models.mining.forecast import forecast
from models.mining.match_recall import HELD_BACK_DAYS, held_back_recall
from models.mining.match_words import with_reasons
from models.mining.matches import recommend
from pipelines.mining.match_report import match_report
from pipelines.mining.read import ARRIVALS, CUSTOMERS, DEMAND, LISTINGS, MASKED, VIEWINGS, match_weights, read
from pipelines.mining.tables import availability, write_table

NOTHING = pd.DataFrame()


def mine_rules(connection: duckdb.DuckDBPyConnection, day: date) -> str | None:
    """Write `mining.demand_rules`. Returns the reason if there are too few data, else None."""
    customers = read(connection, CUSTOMERS, day)
    has_contacts = customers["is_dormancy_available"].astype(bool)
    customers["budget_tier"] = budget_tiers(customers["budget_max_wan"], customers["demand_type"])
    for attribute in set(ATTRIBUTES) & set(customers):
        customers[attribute] = none_unless(customers[attribute] != MASKED, customers[attribute])
    customers["subscribed"] = customers["subscriptions_total"].gt(0)
    customers["signed"] = customers["frequency"].gt(0)
    customers["dormant"] = has_contacts & customers["lifecycle_stage"].isin(["dormant", "lost"])
    reason = None
    if len(customers) < ENOUGH_CUSTOMERS:
        reason = f"{len(customers):,} customers, {ENOUGH_CUSTOMERS} are needed"
    elif not customers[list(OUTCOMES)].any(axis=None):
        reason = "no outcome has happened yet"
    rules = NOTHING if reason else with_sentences(demand_rules(customers))
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


def match_listings(connection: duckdb.DuckDBPyConnection, day: date) -> str | None:
    """Write `mining.listing_matches` and its report. Returns the reason if there is nothing to match."""
    demand, viewings = read(connection, DEMAND, day), read(connection, VIEWINGS, day)
    listings = read(connection, LISTINGS, day).rename(columns={"market_use": "use"})
    weights, labels = match_weights(connection)
    on_market = listings[listings["is_on_market"].astype(bool)]
    wanting = demand[demand["is_open_lead"].astype(bool) & ~demand["is_opted_out"].astype(bool)]
    reason, matches, recall = None, NOTHING, NOTHING
    if on_market.empty:
        reason = "no listing is known to be on the market"
    elif wanting.empty:
        reason = "no customer is open and agrees to marketing"
    else:
        matches = with_reasons(recommend(wanting, on_market, viewings, weights), weights, labels)
        recall = _recall(demand, listings, viewings, weights, pd.Timestamp(day))
    write_table(connection, "listing_matches", _on(matches, day))
    write_table(connection, "match_report", _on(match_report(reason, recall), day))
    return reason


def _recall(
    demand: pd.DataFrame,
    listings: pd.DataFrame,
    viewings: pd.DataFrame,
    weights: Mapping[str, float],
    day: pd.Timestamp,
) -> pd.DataFrame:
    # Newer wishes of a customer would reveal the held-back viewings.
    asked_before = pd.to_datetime(demand["last_known_on"]) <= day - pd.Timedelta(days=HELD_BACK_DAYS)
    return held_back_recall(demand[asked_before], listings, viewings, weights, day, SEED)


def _on(frame: pd.DataFrame, day: date) -> pd.DataFrame:
    return frame.assign(as_of=pd.Timestamp(day))
