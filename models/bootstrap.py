"""Resamples by customer, the same for every model, so that differences between models are paired."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

RESAMPLES = 400
BLOCK_CELLS = 4_000_000
"""Weights held at once (32 MB)."""

Metric = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Resamples:
    """How often each row is drawn in each resample of customers; one that draws a single class is drawn again."""

    def __init__(self, customers: pd.Series, labels: np.ndarray, seed: int, count: int | None = None) -> None:
        self.labels = np.asarray(labels, dtype="float64")
        self._codes, known = pd.factorize(customers)
        self._customers, self._seed, self._count = len(known), seed, RESAMPLES if count is None else count

    def figures(self, metric: Metric, score: np.ndarray) -> np.ndarray:
        """The metric on each resample. The same resamples at every call."""
        return np.concatenate([metric(self.labels, score, weights) for weights in self._blocks()])

    def _blocks(self) -> Iterator[np.ndarray]:
        chance = np.random.default_rng(self._seed)
        left, size = self._count, max(1, BLOCK_CELLS // len(self.labels))
        while left:
            drawn = np.stack([self._draw(chance) for _ in range(min(size, left))])
            left -= len(drawn)
            yield drawn

    def _draw(self, chance: np.random.Generator) -> np.ndarray:
        while True:
            picked = chance.integers(self._customers, size=self._customers)
            weights = np.bincount(picked, minlength=self._customers).astype("float64")[self._codes]
            positive = weights @ self.labels
            if 0 < positive < weights.sum():
                return weights


def interval(figures: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of the resampled figures."""
    low, high = np.quantile(figures, [0.025, 0.975])
    return float(low), float(high)
