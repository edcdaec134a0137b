"""Outliers: customers unlike any group, the noise of HDBSCAN."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import HDBSCAN  # pyrefly: ignore[missing-module-attribute] - newer than the types
from sklearn.neighbors import NearestNeighbors

DENSITY_ROWS = 10_000
"""Larger populations are sampled: the time of HDBSCAN grows with the square of the rows (18,400 rows take 4 s)."""
NEIGHBOURS = 10


def outliers(scaled: np.ndarray, seed: int) -> np.ndarray:
    """Return whether each row (customer × scaled feature, in a fixed order) is an outlier.

    Rows outside the sample get the result of the nearest row of the sample. Source: Campello et al. 2013.
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
