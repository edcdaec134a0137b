"""Matches of listings and customers by demand and viewings: a weighted sum of factors, which explain the match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

TOP = 10
CHUNK = 2_000
FACTORS = ("project", "district", "layout", "area", "budget", "viewed_project", "viewed_layout", "viewed_price")
"""Factors of the match score, from 0 to 1, with weights from a rules table. Unknown values add nothing."""
COLUMNS = ("customer_key", "rank", "property_key", "score", *FACTORS)
BEYOND_BUDGET = 0.2
"""The fit falls linearly from 1 at the limit of the budget to 0 at this share beyond it."""
BEYOND_AREA = 0.25


def recommend(
    demand: pd.DataFrame, listings: pd.DataFrame, viewings: pd.DataFrame, weights: Mapping[str, float]
) -> pd.DataFrame:
    """Return the best TOP listings of each customer, best first. Columns COLUMNS; the factors explain the match score.

    `demand`: customer_key, demand_type, project, district, layout, area_min, area_max, budget_min, budget_max.
    `listings`: on the market; property_key, use (sale or rent), project, district, layout, area, list_price, listed_on.
    `viewings`: customer_key, property_key, viewed_on, project, layout, list_price of the viewed listings. The
    result has only listings of the wanted use that the customer has not viewed and that fit in some factor. Ties go to
    the listing with more viewers, then to the newer listing, then by key.
    """
    frames = [
        _best(part, of_use, viewings, weights)
        for part, of_use in _markets(demand.sort_values("customer_key"), _in_order_of_ties(listings, viewings))
    ]
    frames = [frame for frame in frames if not frame.empty]
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(frames).sort_values(["customer_key", "rank"], ignore_index=True)


def _in_order_of_ties(listings: pd.DataFrame, viewings: pd.DataFrame) -> pd.DataFrame:
    viewers = viewings.groupby("property_key")["customer_key"].nunique()
    ordered = listings.assign(viewers=listings["property_key"].map(viewers).fillna(0))
    return ordered.sort_values(
        ["viewers", "listed_on", "property_key"], ascending=[False, False, True], ignore_index=True
    )


def _markets(demand: pd.DataFrame, listings: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield customers who rent with listings to let, and other customers with listings for sale, in chunks."""
    rents = demand["demand_type"].eq("rent")
    lets = listings["use"].eq("rent")
    for customers, of_use in ((demand[rents], listings[lets]), (demand[~rents], listings[~lets])):
        if of_use.empty:
            continue
        for begin in range(0, len(customers), CHUNK):
            yield customers.iloc[begin : begin + CHUNK].reset_index(drop=True), of_use.reset_index(drop=True)


def _best(
    demand: pd.DataFrame, listings: pd.DataFrame, viewings: pd.DataFrame, weights: Mapping[str, float]
) -> pd.DataFrame:
    seen = viewings[viewings["customer_key"].isin(set(demand["customer_key"]))]
    person = pd.Series(demand.index, index=demand["customer_key"])
    parts = {**_asked(demand, listings), **_viewed(demand, listings, seen, person)}
    total = sum(weights[name] for name in FACTORS)
    score = np.zeros((len(demand), len(listings)), dtype="float32")
    for name in FACTORS:
        score += np.float32(weights[name] / total) * parts[name]
    place = pd.Series(listings.index, index=listings["property_key"])
    known = seen[seen["property_key"].isin(place.index)]
    score[person[known["customer_key"]].to_numpy(), place[known["property_key"]].to_numpy()] = 0.0
    # A stable sort keeps the order of ties. Six digits, so that rounding errors do not break ties.
    top = np.argsort(-np.round(score, 6), axis=1, kind="stable")[:, :TOP]
    rows = np.repeat(np.arange(len(demand)), top.shape[1])
    columns = top.ravel()
    table = pd.DataFrame(
        {
            "customer_key": demand["customer_key"].to_numpy()[rows],
            "rank": np.tile(np.arange(1, top.shape[1] + 1), len(demand)),
            "property_key": listings["property_key"].to_numpy()[columns],
            "score": np.round(score[rows, columns].astype("float64"), 6),
            **{name: np.round(parts[name][rows, columns].astype("float64"), 6) for name in FACTORS},
        }
    )
    return table[table["score"] > 0]


def _asked(demand: pd.DataFrame, listings: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        **{name: _same(demand[name], listings[name]) for name in ("project", "district", "layout")},
        "area": _within(demand["area_min"], demand["area_max"], listings["area"], BEYOND_AREA),
        "budget": _within(demand["budget_min"], demand["budget_max"], listings["list_price"], BEYOND_BUDGET),
    }


def _same(wanted: pd.Series, offered: pd.Series) -> np.ndarray:
    codes, _ = pd.factorize(pd.concat([wanted, offered]), use_na_sentinel=True)
    left, right = codes[: len(wanted), None], codes[None, len(wanted) :]
    return ((left == right) & (left >= 0)).astype("float32")


def _within(low: pd.Series, high: pd.Series, offered: pd.Series, beyond: float) -> np.ndarray:
    """Return 1 inside the bounds, falling to 0 at `beyond` (a share) outside; 0 without a bound or a value."""
    least, most = _numbers(low)[:, None], _numbers(high)[:, None]
    value = _numbers(offered)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(np.isnan(most), 0.0, np.maximum(value / most - 1, 0) / beyond)
        below = np.where(np.isnan(least), 0.0, np.maximum(1 - value / least, 0) / beyond)
    fit = 1 - np.minimum(np.maximum(above, below), 1)
    return np.where(np.isnan(value) | (np.isnan(least) & np.isnan(most)), 0.0, fit).astype("float32")


def _numbers(values: pd.Series) -> np.ndarray:
    return values.astype("float64").to_numpy(dtype="float32", na_value=np.nan)


def _viewed(
    demand: pd.DataFrame, listings: pd.DataFrame, seen: pd.DataFrame, person: pd.Series
) -> dict[str, np.ndarray]:
    """Return the share of viewings in the same project and layout, and the fit to the median price viewed."""
    customer = person[seen["customer_key"]].to_numpy()
    counts = np.maximum(np.bincount(customer, minlength=len(demand)), 1).astype("float32")
    result = {}
    for name in ("project", "layout"):
        kinds = pd.Index(listings[name].dropna().unique())
        viewed = np.zeros((len(demand), len(kinds) + 1), dtype="float32")
        np.add.at(viewed, (customer, kinds.get_indexer(pd.Index(seen[name]))), 1.0)
        viewed[:, -1] = 0.0  # not on offer, or unknown
        result[f"viewed_{name}"] = (viewed / counts[:, None])[:, kinds.get_indexer(pd.Index(listings[name]))]
    prices = seen["list_price"].astype("float64").groupby(customer).median().reindex(demand.index)
    result["viewed_price"] = _within(prices, prices, listings["list_price"], BEYOND_BUDGET)
    return result
