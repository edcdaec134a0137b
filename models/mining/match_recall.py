"""Recall of the matches at TOP on held-back viewings, beside the recall of popular listings."""

from __future__ import annotations

import numpy as np
import pandas as pd

TOP = 10
RESAMPLES = 400
ENOUGH_CUSTOMERS = 10


def recall_figures(hits: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return recall at TOP of the matches, of popularity, and their difference, with 95 % intervals by customer.

    `hits`: one row per judged customer, in order of the key; `listings`: listings that the customer viewed; `matched`
    and `popular`: how many of them each method recommends. Columns: metric, value, low, high, rows (customers). Empty
    below ENOUGH_CUSTOMERS.
    """
    if len(hits) < ENOUGH_CUSTOMERS:
        return pd.DataFrame(columns=["metric", "value", "low", "high", "rows"])
    most = hits["listings"].clip(upper=TOP)
    ours, popular = ((hits[name] / most).to_numpy(dtype="float64") for name in ("matched", "popular"))
    draws = np.random.default_rng(seed).integers(0, len(ours), (RESAMPLES, len(ours)))
    figures = {"recall_at_10": ours, "recall_at_10_popularity": popular, "recall_at_10_gain": ours - popular}
    return pd.DataFrame([{"metric": name, **_interval(values, draws)} for name, values in figures.items()])


def _interval(values: np.ndarray, draws: np.ndarray) -> dict[str, float]:
    means = values[draws].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "value": round(float(values.mean()), 6),
        "low": round(float(low), 6),
        "high": round(float(high), 6),
        "rows": len(values),
    }
