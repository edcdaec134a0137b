"""Which candidate becomes the model: logistic regression, unless another one is significantly and usefully better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.judge import metrics
from models.judge.bootstrap import Resamples
from models.learn.candidates import LOGISTIC

SURE = 0.95
WORTH = 0.01
"""A gain in PR-AUC below this does not pay for reasons that are exact in sum only, and for slower scoring."""
RULE = (
    f"logistic unless another candidate's PR-AUC on the rolling-origin predictions is higher by {WORTH} or more with "
    f"P(gain > 0) ≥ {SURE} by paired bootstrap over customers; of several, the one with the largest gain"
)


@dataclass(frozen=True)
class Gain:
    """Of one score over another in PR-AUC: the difference, and the share of resamples in which it is above 0."""

    value: float
    probability: float

    @property
    def is_sure(self) -> bool:
        """Whether chance is an unlikely explanation."""
        return self.probability >= SURE


def pr_auc_gain(resamples: Resamples, ours: np.ndarray, theirs: np.ndarray) -> Gain:
    """Paired gain of `ours` over `theirs` on the same rows."""
    return _gain(_pr_auc(resamples, ours), _pr_auc(resamples, theirs))


def choose(customers: pd.Series, labels: np.ndarray, scores: dict[str, np.ndarray], *, seed: int) -> tuple[str, dict]:
    """The chosen candidate and the gain of each other one over the logistic, on rolling-origin predictions.

    `scores`: candidate → score of the same rows. Without rows there is nothing to choose by: logistic.
    """
    if not len(labels):
        return LOGISTIC, {}
    resamples = Resamples(customers, labels, seed)
    figures = {name: _pr_auc(resamples, score) for name, score in scores.items()}
    gains = {name: _gain(figures[name], figures[LOGISTIC]) for name in scores if name != LOGISTIC}
    better = {name: gain for name, gain in gains.items() if gain.is_sure and gain.value >= WORTH}
    chosen = max(better, key=lambda name: better[name].value) if better else LOGISTIC
    return chosen, {name: {"gain": gain.value, "probability": gain.probability} for name, gain in gains.items()}


def _pr_auc(resamples: Resamples, score: np.ndarray) -> tuple[float, np.ndarray]:
    value = metrics.rarer_average_precision(resamples.labels, score, metrics.once(resamples.labels))[0]
    return float(value), resamples.figures(metrics.rarer_average_precision, score)


def _gain(ours: tuple[float, np.ndarray], theirs: tuple[float, np.ndarray]) -> Gain:
    return Gain(ours[0] - theirs[0], float(np.mean(ours[1] > theirs[1])))
