"""A scorer turns a checked frame into probabilities and contributions: model, sigmoid and cells of new leads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from models.features.features import Feature
from models.learn.calibrate import Sigmoid
from models.learn.candidates import LOGISTIC, Fitted, margin
from models.learn.columns import read_columns
from models.learn.shrinkage import CHANNEL, DEMAND, Cells, is_new

MODEL = "model"
RECENCY_RULE, RFM, BASE_RATE = "recency_rule", "rfm_logistic", "base_rate"
LINEAR = (LOGISTIC, RECENCY_RULE, RFM, BASE_RATE)
"""Kinds whose log-odds are a sum over columns. Their contributions are exact for each column."""


@dataclass(frozen=True)
class Scorer:
    """A fitted model. `reference`: the typical row; contributions of non-linear kinds are differences from it."""

    kind: str
    features: tuple[Feature, ...]
    fitted: Fitted
    sigmoid: Sigmoid
    reference: dict[str, Any]
    cells: Cells | None = None

    @property
    def source(self) -> str:
        """The source of the probabilities: `model`, or the baseline that scores in its place."""
        return self.kind if self.kind in (RECENCY_RULE, RFM, BASE_RATE) else MODEL

    def probability(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the published probability of each row of a checked frame."""
        return expit(self.log_odds(frame))

    def log_odds(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the log-odds of the published probability."""
        values = self.sigmoid.log_odds(self.margin(frame))
        new = self.routed(frame)
        if self.cells and new.any():
            values[new] = self.cells.steps(frame[new])[["base", "by_channel", "by_demand"]].sum(axis=1)
        return values

    def margin(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the uncalibrated output of the model, in log-odds."""
        return self.fitted.margin(read_columns(frame, self.features))

    def _encoded(self, frame: pd.DataFrame) -> np.ndarray:
        return self.fitted.encoder.encode(read_columns(frame, self.features))

    def routed(self, frame: pd.DataFrame) -> np.ndarray:
        """Return whether each row is scored by its cell."""
        return is_new(frame) if self.cells else np.zeros(len(frame), dtype=bool)

    def parts(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return contributions (row × feature, in log-odds) and intercept of each row; their sum is `log_odds`.

        The contribution of a feature includes its categories and its indicator of nulls.
        """
        split = self._logistic_parts if self.kind in LINEAR else self._path_parts
        contributions, intercept = split(frame)
        new = self.routed(frame)
        if self.cells and new.any():
            steps = self.cells.steps(frame[new])
            names = [feature.name for feature in self.features]
            contributions[new] = 0
            contributions[new, names.index(CHANNEL)] = steps["by_channel"]
            contributions[new, names.index(DEMAND)] = steps["by_demand"]
            intercept[new] = steps["base"]
        return contributions, intercept

    def by_group(self, contributions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return contributions of groups of features (row × group), and the number of the leading feature.

        The leading feature has the largest contribution with the sign of its group.
        """
        groups = tuple(dict.fromkeys(feature.group or feature.name for feature in self.features))
        sums, leading = (np.empty((len(contributions), len(groups)), dtype=kind) for kind in ("float64", "int64"))
        for number, group in enumerate(groups):
            members = np.array(
                [place for place, feature in enumerate(self.features) if (feature.group or feature.name) == group]
            )
            parts = contributions[:, members]
            sums[:, number] = parts.sum(axis=1)
            side = np.where(sums[:, [number]] < 0, -1.0, 1.0)
            leading[:, number] = members[np.argmax(parts * side, axis=1)]
        return sums, leading

    def _logistic_parts(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Exact contributions: weight × encoded value × slope of the sigmoid. The intercept is of the average row."""
        model = self.fitted.model
        weighted = self._encoded(frame) * (self.sigmoid.slope * model.coef_[0])
        contributions = np.add.reduceat(weighted, self.fitted.encoder.starts[:-1], axis=1)
        return contributions, np.full(len(frame), self.sigmoid.log_odds(model.intercept_)[0])

    def _path_parts(self, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Contributions with an exact sum, for any model.

        The typical row changes into the given row column by column, in the order of columns and in reverse order. A
        column gets the mean of its two steps. Source: Štrumbelj & Kononenko (2014), antithetic permutations.
        """
        starts = self.fitted.encoder.starts
        places = [slice(*ends) for ends in pairwise(starts)]
        typical = pd.DataFrame([self.reference]).astype(frame.dtypes.to_dict())
        given, reference = self._encoded(frame), np.repeat(self._encoded(typical), len(frame), axis=0)
        start = self.sigmoid.log_odds(margin(self.fitted.model, reference))
        contributions = np.zeros((len(frame), len(places)))
        for order in (range(len(places)), reversed(range(len(places)))):
            mixed, before = reference.copy(), start
            for number in order:
                mixed[:, places[number]] = given[:, places[number]]
                after = self.sigmoid.log_odds(margin(self.fitted.model, mixed))
                contributions[:, number] += (after - before) / 2
                before = after
        return contributions, start.copy()


def typical_row(frame: pd.DataFrame, features: tuple[Feature, ...]) -> dict[str, Any]:
    """Return the median of each number and the most frequent text (the first of equals); None if all are null."""
    typical: dict[str, Any] = {}
    for feature in features:
        known = frame[feature.name].dropna()
        if known.empty:
            typical[feature.name] = None
        elif feature.scale == "category":
            typical[feature.name] = known.mode().iloc[0]
        else:
            typical[feature.name] = float(known.median())
    return typical


def contribution_gap(scorer: Scorer, frame: pd.DataFrame) -> float:
    """Return the largest |contributions + intercept − log-odds of the published probability| of any row."""
    contributions, intercept = scorer.parts(frame)
    probability = scorer.probability(frame)
    return float(np.abs(contributions.sum(axis=1) + intercept - np.log(probability / (1 - probability))).max())
