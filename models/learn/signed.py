"""Logistic regression with signed weights: a longer silence never lowers the probability of dormancy.

An unconstrained fit gives some of several correlated columns the wrong sign. The sum is right, but a single reason
would be wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from models.features.features import Feature
from models.learn.encoders import Encoder

TOLERANCE = 1e-7
"""Of the gradient, per row: the fit stops below it."""


def signs_of(encoder: Encoder, features: Sequence[Feature]) -> np.ndarray:
    """Return the sign of each encoded column. Indicators of nulls and categories have no sign."""
    starts = encoder.starts
    signs = np.zeros(starts[-1], dtype=int)
    for feature, start in zip(features, starts, strict=False):
        if feature.scale != "category":
            signs[start] = feature.sign
    return signs


def fit_signed(model: LogisticRegression, encoded: np.ndarray, labels: np.ndarray, signs: np.ndarray) -> None:
    """Fit `model` with signed weights and set its attributes. The objective is that of `model`: L2 with penalty C."""
    rows, size = encoded.shape
    target = labels.astype("float64")
    parameters = model.get_params()
    most_steps = parameters["max_iter"]
    weight = 1 / (parameters["C"] * rows)

    def objective(values: np.ndarray) -> tuple[float, np.ndarray]:
        coefficients, intercept = values[:-1], values[-1]
        log_odds = encoded @ coefficients + intercept
        error = expit(log_odds) - target
        loss = np.mean(np.logaddexp(0, log_odds) - target * log_odds) + weight / 2 * coefficients @ coefficients
        return loss, np.append(encoded.T @ error / rows + weight * coefficients, error.mean())

    bounds = [(0 if sign > 0 else None, 0 if sign < 0 else None) for sign in signs]
    # The start is the rate of the label: rare labels then need far fewer steps.
    rate = np.clip(target.mean(), 1 / (2 * rows), 1 - 1 / (2 * rows))
    optimum = minimize(
        objective,
        np.append(np.zeros(size), np.log(rate / (1 - rate))),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, (None, None)],
        options={"maxiter": most_steps, "maxfun": 2 * most_steps, "gtol": TOLERANCE, "ftol": 1e-13},
    )
    model.classes_ = np.array([False, True])
    model.coef_, model.intercept_ = optimum.x[None, :-1].copy(), optimum.x[-1:].copy()
    model.n_iter_ = np.array([optimum.nit], dtype="int32")
    model.n_features_in_ = size
