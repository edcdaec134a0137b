"""Logistic regression whose weights keep the signs that the field knows: silence never speaks for a return.

Among correlated columns an unconstrained fit gives some of them the wrong sign. Its sum is right, each single reason
would be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression

from models.features.features import Feature

TOLERANCE = 1e-7
"""Of the gradient, per row."""


def signs_of(columns: ColumnTransformer, features: Sequence[Feature]) -> np.ndarray:
    """The sign of each encoded column: the number of a feature has its sign, "is missing" and levels have none."""
    signs = np.zeros(len(columns.get_feature_names_out()), dtype=int)
    for feature in features:
        if feature.scale != "category":
            signs[columns.output_indices_[feature.name].start] = feature.sign
    return signs


def fit_signed(model: LogisticRegression, encoded: np.ndarray, labels: np.ndarray, signs: np.ndarray) -> None:
    """Fit `model` by its own objective (L2, penalty C, intercept free) with signed weights; sets its attributes."""
    rows, size = encoded.shape
    target = labels.astype("float64")
    weight = 1 / (model.C * rows)

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        coefficients, intercept = values[:-1], values[-1]
        log_odds = encoded @ coefficients + intercept
        error = expit(log_odds) - target
        loss = np.mean(np.logaddexp(0, log_odds) - target * log_odds) + weight / 2 * coefficients @ coefficients
        return loss, np.append(encoded.T @ error / rows + weight * coefficients, error.mean())

    bounds = [(0 if sign > 0 else None, 0 if sign < 0 else None) for sign in signs]
    # Starting at the rate of the label: rare labels need far fewer steps.
    rate = np.clip(target.mean(), 1 / (2 * rows), 1 - 1 / (2 * rows))
    found = minimize(
        objective, np.append(np.zeros(size), np.log(rate / (1 - rate))), jac=True, method="L-BFGS-B",
        bounds=[*bounds, (None, None)],
        options={"maxiter": model.max_iter, "maxfun": 2 * model.max_iter, "gtol": TOLERANCE, "ftol": 1e-13},
    )  # fmt: skip
    model.classes_ = np.array([False, True])
    model.coef_, model.intercept_ = found.x[None, :-1].copy(), found.x[-1:].copy()
    model.n_iter_ = np.array([found.nit], dtype="int32")
    model.n_features_in_ = size
