"""Calibration: Platt's sigmoid turns margins into probabilities, fitted on rolling-origin predictions.

Source: Platt (1999), Probabilistic outputs for support vector machines. The logistic needs no sigmoid. The pooled
predictions come from several fits, which scikit-learn's CalibratedClassifierCV does not support. The sigmoid is a
logistic regression on the margin alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.errors import FitError


@dataclass(frozen=True)
class Sigmoid:
    """log-odds = intercept + slope × margin. A slope below 1 means an overconfident model. `rows`: number fitted on."""

    slope: float = 1.0
    intercept: float = 0.0
    rows: int = 0

    def log_odds(self, margin: np.ndarray) -> np.ndarray:
        """Return the log-odds of the published probability."""
        return self.intercept + self.slope * margin

    def probability(self, margin: np.ndarray) -> np.ndarray:
        """Return the published probability."""
        return expit(self.log_odds(margin))


def fit_sigmoid(margin: np.ndarray, labels: np.ndarray, model: str) -> Sigmoid:
    """Fit slope and intercept by maximum likelihood. Raises FitError if a higher margin means less of the label."""
    # Margins of all models get the same scale, so that the solver's tolerance means the same.
    scale = float(np.std(margin)) or 1.0
    fitted = LogisticRegression(C=np.inf).fit((margin / scale)[:, None], labels)
    slope, intercept = float(fitted.coef_[0, 0]) / scale, float(fitted.intercept_[0])
    if slope <= 0:
        raise FitError(
            f"{model}: expected a positive slope on later month-ends, found {slope:.3f}: the ranking of the training "
            "rows is reversed there"
        )
    return Sigmoid(slope, intercept, len(labels))
