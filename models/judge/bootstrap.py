"""Bootstrap by customer. All models get the same resamples, so that differences between models are paired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
import pandas as pd

RESAMPLES = 400
BLOCK_CELLS = 100_000
"""Weights in memory at once: the arrays of a metric (0.8 MB each) then fit in the processor's cache."""

Metric = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Resamples:
    """How often each row is drawn in each resample of customers. Resamples of a single class are drawn again."""

    def __init__(self, customers: pd.Series, labels: np.ndarray, seed: int, count: int | None = None) -> None:
        self.labels = np.asarray(labels, dtype="float64")
        self._codes, known = pd.factorize(customers)
        self._rows = np.bincount(self._codes, minlength=len(known))
        self._positive = np.bincount(self._codes, self.labels, minlength=len(known))
        self._seed, self._count = seed, RESAMPLES if count is None else count

    def figures(self, metric: Metric, ranking: np.ndarray) -> np.ndarray:
        """Return the metric on each resample. Every call uses the same resamples."""
        # Metrics sort by ranking. Sorted rows save them the work.
        order = np.argsort(-ranking, kind="stable")
        labels, ranking, codes = self.labels[order], ranking[order], self._codes[order]
        return np.concatenate([metric(labels, ranking, drawn.take(codes, axis=1)) for drawn in self._blocks()])

    def _blocks(self) -> Iterator[np.ndarray]:
        size = max(1, BLOCK_CELLS // len(self.labels))
        for start in range(0, self._count, size):
            yield self._drawn[start : start + size]

    @cached_property
    def _drawn(self) -> np.ndarray:
        """How often each customer is drawn, by resample. Sums of integers are several times as fast as of floats."""
        chance = np.random.default_rng(self._seed)
        drawn = np.empty((self._count, len(self._rows)), dtype="uint16")
        for resample in drawn:
            resample[:] = self._draw(chance)
        return drawn

    def _draw(self, chance: np.random.Generator) -> np.ndarray:
        customers = len(self._rows)
        while True:
            drawn = np.bincount(chance.integers(customers, size=customers), minlength=customers)
            if 0 < drawn @ self._positive < drawn @ self._rows:
                return drawn


def interval(figures: np.ndarray) -> tuple[float, float]:
    """Return the middle 95 % of the resampled figures."""
    low, high = np.quantile(figures, [0.025, 0.975])
    return float(low), float(high)
