"""Probabilities from ranks: Platt's sigmoid, fitted on predictions of month-ends that the models had not seen.

Source: Platt (1999), Probabilistic outputs for support vector machines. For all but the logistic, whose own
probabilities stand. The pooled predictions come from several fits, which scikit-learn's CalibratedClassifierCV cannot
hold; the sigmoid is a logistic regression on the margin alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.errors import FitError


@dataclass(frozen=True)
class Sigmoid:
    """log-odds = intercept + slope × margin. Slope below 1: the model was overconfident. `rows`: fitted on."""

    slope: float = 1.0
    intercept: float = 0.0
    rows: int = 0

    def log_odds(self, margin: np.ndarray) -> np.ndarray:
        """Log-odds of the published probability."""
        return self.intercept + self.slope * margin

    def probability(self, margin: np.ndarray) -> np.ndarray:
        """The published probability."""
        return expit(self.log_odds(margin))


def fit_sigmoid(margin: np.ndarray, labels: np.ndarray, model: str) -> Sigmoid:
    """Fit slope and intercept by maximum likelihood. Raises FitError if the ranking turned round on these rows."""
    # The margin is scaled so that the solver's tolerance means the same for every kind of model.
    scale = float(np.std(margin)) or 1.0
    fitted = LogisticRegression(C=np.inf).fit((margin / scale)[:, None], labels)
    slope, intercept = float(fitted.coef_[0, 0]) / scale, float(fitted.intercept_[0])
    if slope <= 0:
        raise FitError(
            f"{model}: expected a higher margin to mean more of the label on later month-ends, found slope "
            f"{slope:.3f}: what held in training no longer holds"
        )
    return Sigmoid(slope, intercept, len(labels))
