"""Customers unlike any group, by density: HDBSCAN's noise."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import HDBSCAN  # pyrefly: ignore[missing-module-attribute] - newer than the types
from sklearn.neighbors import NearestNeighbors

DENSITY_ROWS = 10_000
"""HDBSCAN grows with the square of the rows (18,400 take 4 s): beyond these, a sample tells density."""
NEIGHBOURS = 10


def outliers(scaled: np.ndarray, seed: int) -> np.ndarray:
    """Whether each row (customer × scaled feature, in a fixed order) lies where density is too low for any group.

    Rows beyond the sample are judged as their nearest row of the sample. Source: Campello et al. 2013.
    """
    if len(scaled) <= NEIGHBOURS:
        return np.zeros(len(scaled), dtype=bool)
    sample = np.sort(np.random.default_rng(seed).permutation(len(scaled))[:DENSITY_ROWS])
    density = HDBSCAN(
        min_cluster_size=max(NEIGHBOURS, len(sample) // 200),
        min_samples=NEIGHBOURS,
        allow_single_cluster=True,
        copy=True,
    )
    noise = density.fit(scaled[sample]).labels_ < 0
    _, neighbours = NearestNeighbors(n_neighbors=1).fit(scaled[sample]).kneighbors(scaled)
    nearest = neighbours[:, 0]
    result = noise[nearest]
    result[sample] = noise
    return result
