"""The choice of a candidate: the logistic, unless another candidate is better beyond chance and by enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.judge import metrics
from models.judge.bootstrap import Resamples
from models.learn.candidates import LOGISTIC

SURE = 0.95
WORTH = 0.01
"""A smaller gain in PR-AUC does not justify slower scoring and reasons that are exact only in sum."""
RULE = (
    f"logistic unless another candidate's PR-AUC on the rolling-origin predictions is higher by {WORTH} or more with "
    f"P(gain > 0) ≥ {SURE} by paired bootstrap over customers; of several, the one with the largest gain"
)


@dataclass(frozen=True)
class Gain:
    """Gain in PR-AUC of one ranking over another: difference, and share of resamples with a difference above 0."""

    value: float
    probability: float

    @property
    def is_sure(self) -> bool:
        """Whether the gain is significant."""
        return self.probability >= SURE


def pr_auc_gain(resamples: Resamples, ours: np.ndarray, theirs: np.ndarray) -> Gain:
    """Return the paired gain of `ours` over `theirs` on the same rows."""
    return _gain(_pr_auc(resamples, ours), _pr_auc(resamples, theirs))


def choose(customers: pd.Series, labels: np.ndarray, rankings: dict[str, np.ndarray], *, seed: int) -> tuple[str, dict]:
    """Return the chosen candidate, and the gain of each other candidate over the logistic.

    `rankings`: candidate → ranking of the rolling-origin rows. Without rows the logistic is chosen.
    """
    if not len(labels):
        return LOGISTIC, {}
    resamples = Resamples(customers, labels, seed)
    figures = {name: _pr_auc(resamples, ranking) for name, ranking in rankings.items()}
    gains = {name: _gain(figures[name], figures[LOGISTIC]) for name in rankings if name != LOGISTIC}
    better = {name: gain for name, gain in gains.items() if gain.is_sure and gain.value >= WORTH}
    chosen = max(better, key=lambda name: better[name].value) if better else LOGISTIC
    return chosen, {name: {"gain": gain.value, "probability": gain.probability} for name, gain in gains.items()}


def _pr_auc(resamples: Resamples, ranking: np.ndarray) -> tuple[float, np.ndarray]:
    value = metrics.rarer_average_precision(resamples.labels, ranking, metrics.once(resamples.labels))[0]
    return float(value), resamples.figures(metrics.rarer_average_precision, ranking)


def _gain(ours: tuple[float, np.ndarray], theirs: tuple[float, np.ndarray]) -> Gain:
    return Gain(ours[0] - theirs[0], float(np.mean(ours[1] > theirs[1])))
