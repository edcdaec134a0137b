"""Metrics of a ranking or of probabilities, for many resamples at once.

Every function takes `labels` (n), `ranking` (n; a higher number means that the label is more likely) and `weights`
(resamples × n, integers), and returns one figure per resample. A row of weight 2 counts as two rows. Ties do not depend
on the order of rows. Rows are sorted once for all resamples, which makes the bootstrap fast.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

BINS = 10


def once(labels: np.ndarray) -> np.ndarray:
    """Return the weights that count every row once."""
    return np.ones((1, len(labels)), dtype="uint16")


def average_precision(labels: np.ndarray, ranking: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """PR-AUC as Σ precision × gain in recall, as scikit-learn's `average_precision_score`."""
    hits, rows = _cumulated(labels > 0, ranking, weights)
    # Without a row there is no hit: any divisor gives 0.
    precision = hits / np.maximum(rows, 1)
    return (_steps(hits) * precision).sum(axis=1) / hits[:, -1]


def rarer_average_precision(labels: np.ndarray, ranking: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """PR-AUC of the rarer class. For a class of 87 % of the rows, a random ranking already reaches 0.87."""
    return precision_of_rarer(labels)(labels, ranking, weights)


def precision_of_rarer(labels: np.ndarray) -> Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """Return the PR-AUC of the class that is rarer among these labels, to apply to any part of the rows."""
    return _average_precision_without if labels.mean() > 0.5 else average_precision


def _average_precision_without(labels: np.ndarray, ranking: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return average_precision(1 - labels, -ranking, weights)


def auc(labels: np.ndarray, ranking: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve; ties count half."""
    hits, rows = _cumulated(labels > 0, ranking, weights)
    misses = rows - hits
    # Mean of the hits before and with each ranking: ties count half.
    below = hits - _steps(hits) / 2
    return (_steps(misses) * below).sum(axis=1) / (hits[:, -1] * misses[:, -1])


def top_decile_lift(labels: np.ndarray, ranking: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Label rate among the tenth of rows ranked highest ÷ label rate of all rows.

    The tenth is rounded up to whole rows. Rows tied at its edge count with their mean.
    """
    hits, rows = _cumulated(labels > 0, ranking, weights)
    total = rows[:, -1]
    size = np.ceil(total / 10)
    return _at(size[:, None], rows, hits)[:, 0] / size / (hits[:, -1] / total)


def brier(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean squared distance between probability and label."""
    return weights @ (probability - labels) ** 2 / weights.sum(axis=1)


def brier_skill(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """1 − Brier score ÷ Brier score of the base rate: 0 is as good as the base rate, 1 is perfect."""
    rate = weights @ labels / weights.sum(axis=1)
    return 1 - brier(labels, probability, weights) / (rate * (1 - rate))


def calibration_error(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """ECE: |observed rate − mean probability| over ten bins of equal mass, weighted by their rows.

    Source: Nixon et al. (2019), Measuring calibration in deep learning (adaptive bins). Rows of equal
    probability share their observed rate if the edge of a bin divides them.
    """
    gap, rows = _cumulated(labels - probability, probability, weights)
    edges = rows[:, -1:] * np.arange(1, BINS + 1) / BINS
    return np.abs(_steps(_at(edges, rows, gap))).sum(axis=1) / rows[:, -1]


def base_rate(labels: np.ndarray, _: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of rows with the label."""
    return weights @ labels / weights.sum(axis=1)


def mean_probability(_: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean predicted probability."""
    return weights @ probability / weights.sum(axis=1)


def _cumulated(values: np.ndarray, ranking: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return cumulated weighted sums of `values` and of rows at each distinct ranking, the highest first."""
    if (ranking[1:] > ranking[:-1]).any():
        order = np.argsort(-ranking, kind="stable")
        # `take` copies columns several times as fast as indexing.
        values, ranking, weights = values[order], ranking[order], weights.take(order, axis=1)
    last = np.append(np.nonzero(np.diff(ranking))[0], len(ranking) - 1)
    return _sums(weights * values).take(last, axis=1), _sums(weights).take(last, axis=1)


def _sums(parts: np.ndarray) -> np.ndarray:
    """Return the running sums of each row. Sums of integers are 64-bit integers."""
    return parts.cumsum(axis=1, dtype=np.result_type(parts, "int64"))


def _steps(cumulated: np.ndarray) -> np.ndarray:
    """Return the difference of each column to the previous column."""
    added = cumulated.copy()
    added[:, 1:] -= cumulated[:, :-1]
    return added


def _at(points: np.ndarray, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return `values` interpolated at the points of the count of rows."""
    return np.array(
        [
            np.interp(at, np.append(0, counted), np.append(0, cumulated))
            for at, counted, cumulated in zip(points, rows, values, strict=True)
        ]
    )
