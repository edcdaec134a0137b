"""The number of personas, chosen by silhouette and by stability under resampling."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

CANDIDATES = range(3, 9)
RESAMPLES = 6
FITTED_ROWS, JUDGED_ROWS = 4_000, 2_000
STABLE = 0.8
"""Minimum mean adjusted Rand index of two resamples of a stable grouping."""
SMALLEST_SHARE, SMALLEST_SIZE = 0.02, 20
STAYS_WITHIN = 0.05
"""The number in use stays if its silhouette is this close to the best, so that personas rarely change."""


def evidence(scaled: np.ndarray, seed: int) -> pd.DataFrame:
    """Return the figures of each k: silhouette, stability and share of the smallest group.

    Stability is the mean adjusted Rand index over pairs of resamples of at most half the rows. Columns: k, silhouette,
    stability, smallest_share. `scaled`: rows in a fixed order.
    """
    chance = np.random.default_rng(seed)
    judged = scaled[chance.permutation(len(scaled))[:JUDGED_ROWS]]
    rows = min(FITTED_ROWS, max(len(scaled) // 2, 1))
    resamples = [scaled[chance.permutation(len(scaled))[:rows]] for _ in range(RESAMPLES)]
    return pd.DataFrame([{"k": k, **_judge(k, resamples, judged, seed)} for k in CANDIDATES if k < rows])


def choose(table: pd.DataFrame, customers: int, in_use: int | None = None) -> int:
    """Return the k with the best silhouette among stable ones without a tiny group, or the k in use if it is as good.

    If no k is stable, return the most stable k. The choice depends on the table alone, and can be read from it.
    """
    smallest = max(SMALLEST_SHARE, SMALLEST_SIZE / customers)
    fit = table[(table["stability"] >= STABLE) & (table["smallest_share"] >= smallest)]
    if fit.empty:
        return int(table.sort_values(["stability", "k"], ascending=[False, True])["k"].iloc[0])
    best = fit.sort_values(["silhouette", "k"], ascending=[False, True]).iloc[0]
    used = fit[fit["k"] == in_use]
    if not used.empty and used["silhouette"].iloc[0] >= best["silhouette"] - STAYS_WITHIN:
        return int(used["k"].iloc[0])
    return int(best["k"])


def _judge(k: int, resamples: list[np.ndarray], judged: np.ndarray, seed: int) -> dict[str, float]:
    groupings = [
        KMeans(k, n_init=10, random_state=seed + number).fit(rows).predict(judged)
        for number, rows in enumerate(resamples)
    ]
    first = groupings[0]
    has_groups = len(np.unique(first)) > 1
    return {
        "silhouette": float(silhouette_score(judged, first)) if has_groups else -1.0,
        "stability": float(np.mean([adjusted_rand_score(*pair) for pair in combinations(groupings, 2)])),
        "smallest_share": float(np.bincount(first, minlength=k).min() / len(first)),
    }
