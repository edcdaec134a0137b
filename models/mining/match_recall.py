"""Recall of the matches at TOP on held-back viewings, beside the recall of popular listings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.mining.matches import TOP, recommend

HELD_BACK_DAYS = 28
POPULAR_DAYS = 90
RESAMPLES = 400
ENOUGH_CUSTOMERS = 10


def held_back_recall(
    demand: pd.DataFrame,
    listings: pd.DataFrame,
    viewings: pd.DataFrame,
    weights: Mapping[str, float],
    as_of: pd.Timestamp,
    seed: int,
) -> pd.DataFrame:
    """Return recall at TOP of the matches, of popularity, and their difference, with 95 % intervals by customer.

    The last HELD_BACK_DAYS are hidden: only older viewings and listings on the market before them (`listed_on`,
    `delisted_on`) are used; `demand` must also be older. The judged customers then viewed one of these listings for the
    first time. Popularity recommends the TOP listings of the wanted use with the most viewings in the POPULAR_DAYS
    before. Columns: metric, value, low, high, rows (customers). Empty below ENOUGH_CUSTOMERS.
    """
    cutoff = as_of - pd.Timedelta(days=HELD_BACK_DAYS)
    viewed_on = pd.to_datetime(viewings["viewed_on"])
    before, after = viewings[viewed_on <= cutoff], viewings[viewed_on > cutoff]
    delisted = pd.to_datetime(listings["delisted_on"])
    market = listings[(pd.to_datetime(listings["listed_on"]) <= cutoff) & ~(delisted <= cutoff)]
    wanted = _first_viewings(before, after, demand, market)
    if wanted["customer_key"].nunique() < ENOUGH_CUSTOMERS:
        return pd.DataFrame(columns=["metric", "value", "low", "high", "rows"])
    judged = demand[demand["customer_key"].isin(set(wanted["customer_key"]))]
    ours = _recall(wanted, recommend(judged, market, before, weights)[["customer_key", "property_key"]])
    recent = before[pd.to_datetime(before["viewed_on"]) > cutoff - pd.Timedelta(days=POPULAR_DAYS)]
    popular = _recall(wanted, _popular(judged, market, recent))
    draws = np.random.default_rng(seed).integers(0, len(ours), (RESAMPLES, len(ours)))
    figures = {"recall_at_10": ours, "recall_at_10_popularity": popular, "recall_at_10_gain": ours - popular}
    return pd.DataFrame([{"metric": name, **_interval(values, draws)} for name, values in figures.items()])


def _first_viewings(
    before: pd.DataFrame, after: pd.DataFrame, demand: pd.DataFrame, market: pd.DataFrame
) -> pd.DataFrame:
    pairs = after[["customer_key", "property_key"]].drop_duplicates()
    pairs = pairs[pairs["customer_key"].isin(set(demand["customer_key"]))]
    pairs = pairs[pairs["property_key"].isin(set(market["property_key"]))]
    viewed = before[["customer_key", "property_key"]].drop_duplicates().assign(seen=True)
    pairs = pairs.merge(viewed, on=["customer_key", "property_key"], how="left")
    return pairs.loc[pairs["seen"].isna(), ["customer_key", "property_key"]]


def _popular(demand: pd.DataFrame, market: pd.DataFrame, recent: pd.DataFrame) -> pd.DataFrame:
    counts = recent.groupby("property_key").size()
    ranked = market.assign(viewed=market["property_key"].map(counts).fillna(0))
    ranked = ranked.sort_values(["viewed", "property_key"], ascending=[False, True])
    tops = ranked.groupby(ranked["use"].eq("rent")).head(TOP).assign(rents=lambda rows: rows["use"].eq("rent"))
    people = demand[["customer_key"]].assign(rents=demand["demand_type"].eq("rent"))
    return people.merge(tops[["rents", "property_key"]], on="rents")[["customer_key", "property_key"]]


def _recall(wanted: pd.DataFrame, recommended: pd.DataFrame) -> np.ndarray:
    """Return by customer, in order of key, the share of the viewed listings (at most TOP) that were recommended."""
    hits = wanted.merge(recommended.assign(hit=1.0), on=["customer_key", "property_key"], how="left")["hit"].fillna(0.0)
    by_customer = hits.groupby(wanted["customer_key"].to_numpy())
    return (by_customer.sum() / by_customer.size().clip(upper=TOP)).sort_index().to_numpy()


def _interval(values: np.ndarray, draws: np.ndarray) -> dict[str, float]:
    means = values[draws].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "value": round(float(values.mean()), 6),
        "low": round(float(low), 6),
        "high": round(float(high), 6),
        "rows": len(values),
    }
