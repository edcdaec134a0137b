"""Outliers: customers unlike any group, the noise of HDBSCAN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import HDBSCAN  # pyrefly: ignore[missing-module-attribute] - newer than the types
from sklearn.neighbors import NearestNeighbors

DENSITY_ROWS = 10_000
"""Larger populations are sampled: the time of HDBSCAN grows with the square of the rows (18,400 rows take 4 s)."""
NEIGHBOURS = 10


@dataclass(frozen=True)
class Density:
    """The rows of a sample, and which of them are noise."""

    rows: np.ndarray
    is_noise: np.ndarray

    @classmethod
    def learn(cls, scaled: np.ndarray, seed: int) -> Density:
        """Find the noise of HDBSCAN among at most DENSITY_ROWS rows (customer × scaled feature, in a fixed order).

        Source: Campello et al. 2013.
        """
        sample = np.sort(np.random.default_rng(seed).permutation(len(scaled))[:DENSITY_ROWS])
        rows = scaled[sample]
        if len(rows) <= NEIGHBOURS:
            return cls(rows, np.zeros(len(rows), dtype=bool))
        density = HDBSCAN(
            min_cluster_size=max(NEIGHBOURS, len(sample) // 200),
            min_samples=NEIGHBOURS,
            allow_single_cluster=True,
            copy=True,
        )
        return cls(rows, density.fit(rows).labels_ < 0)

    def outliers(self, scaled: np.ndarray) -> np.ndarray:
        """Return for each row whether the nearest row of the sample is noise."""
        _, nearest = NearestNeighbors(n_neighbors=1).fit(self.rows).kneighbors(scaled)
        return self.is_noise[nearest[:, 0]]
