"""Figures of a ranking or a probability, for one weighting of the rows or for many at once.

Every function takes `labels` (n), `score` (n) and `weights` (resamples × n, whole numbers), and returns one figure per
resample; a row of weight 2 counts as two rows. Ties never depend on the order of rows. Sorting once serves all
resamples, which makes a bootstrap of a thousand draws cheap.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

BINS = 10


def once(labels: np.ndarray) -> np.ndarray:
    """The weights that count every row once."""
    return np.ones((1, len(labels)), dtype="uint16")


def average_precision(labels: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """PR-AUC as Σ precision × gain in recall, as scikit-learn's `average_precision_score`."""
    hits, rows = _cumulated(labels > 0, score, weights)
    # Without a row there is no hit either: any divisor gives 0.
    precision = hits / np.maximum(rows, 1)
    return (_steps(hits) * precision).sum(axis=1) / hits[:, -1]


def rarer_average_precision(labels: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """PR-AUC of the rarer class. Of a label that most rows have it says next to nothing: 0.87 is there by chance."""
    return precision_of_rarer(labels)(labels, score, weights)


def precision_of_rarer(labels: np.ndarray) -> Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
    """PR-AUC of the class that is rarer among these labels, for any part of their rows."""
    return _average_precision_without if labels.mean() > 0.5 else average_precision


def _average_precision_without(labels: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return average_precision(1 - labels, -score, weights)


def auc(labels: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the ROC curve; ties count half."""
    hits, rows = _cumulated(labels > 0, score, weights)
    misses = rows - hits
    # Mean of the hits before and with each score: ties count half.
    below = hits - _steps(hits) / 2
    return (_steps(misses) * below).sum(axis=1) / (hits[:, -1] * misses[:, -1])


def top_decile_lift(labels: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Label rate among the tenth of rows with the highest score ÷ the rate of all.

    The tenth is rounded up to whole rows; rows tied at its edge count with their mean, as if drawn at random.
    """
    hits, rows = _cumulated(labels > 0, score, weights)
    total = rows[:, -1]
    size = np.ceil(total / 10)
    return _at(size[:, None], rows, hits)[:, 0] / size / (hits[:, -1] / total)


def brier(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean squared distance between probability and label."""
    return weights @ (probability - labels) ** 2 / weights.sum(axis=1)


def brier_skill(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """1 − Brier score ÷ that of the base rate of the same rows: 0 says no more than the base rate, 1 is perfect."""
    rate = weights @ labels / weights.sum(axis=1)
    return 1 - brier(labels, probability, weights) / (rate * (1 - rate))


def calibration_error(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """ECE: |observed rate − mean probability| over ten bins of equal mass, weighted by their rows.

    Source: Nixon et al. (2019), Measuring calibration in deep learning (adaptive bins). Rows of one probability
    share their observed rate where a bin cuts through them.
    """
    gap, rows = _cumulated(labels - probability, probability, weights)
    edges = rows[:, -1:] * np.arange(1, BINS + 1) / BINS
    return np.abs(_steps(_at(edges, rows, gap))).sum(axis=1) / rows[:, -1]


def base_rate(labels: np.ndarray, _: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of rows with the label."""
    return weights @ labels / weights.sum(axis=1)


def mean_probability(_: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What the model expects of the rows."""
    return weights @ probability / weights.sum(axis=1)


def _cumulated(values: np.ndarray, score: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted sums of `values` and of rows down to each distinct score, the highest first."""
    if (score[1:] > score[:-1]).any():
        order = np.argsort(-score, kind="stable")
        # `take` copies columns several times as fast as an index does.
        values, score, weights = values[order], score[order], weights.take(order, axis=1)
    last = np.append(np.nonzero(np.diff(score))[0], len(score) - 1)
    return _sums(weights * values).take(last, axis=1), _sums(weights).take(last, axis=1)


def _sums(parts: np.ndarray) -> np.ndarray:
    """Running sums of each row; those of whole numbers stay whole, in 64 bits."""
    return parts.cumsum(axis=1, dtype=np.result_type(parts, "int64"))


def _steps(cumulated: np.ndarray) -> np.ndarray:
    """What each column adds to the one before it."""
    added = cumulated.copy()
    added[:, 1:] -= cumulated[:, :-1]
    return added


def _at(points: np.ndarray, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`values` where the count of rows reaches each point, ties shared evenly."""
    return np.array([
        np.interp(at, np.append(0, counted), np.append(0, cumulated))
        for at, counted, cumulated in zip(points, rows, values, strict=True)
    ])  # fmt: skip
