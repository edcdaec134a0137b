"""Probabilities from ranks: Platt's sigmoid on a later set than the model was fitted on.

Source: Platt (1999), Probabilistic outputs for support vector machines. scikit-learn 1.9 has no `cv="prefit"`:
a fitted model is wrapped in FrozenEstimator.
"""

from __future__ import annotations

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from models.errors import FitError


def calibrate(estimator: Pipeline, features: pd.DataFrame, is_dormant: pd.Series) -> CalibratedClassifierCV:
    """Fit the sigmoid to later rows. Raises FitError if the model's ranking turned round on them."""
    calibrated = CalibratedClassifierCV(FrozenEstimator(estimator), method="sigmoid")
    calibrated.fit(features, is_dormant.to_numpy(dtype=bool))
    slope = sigmoid_slope(calibrated)
    if slope <= 0:
        raise FitError(
            f"expected a higher score to mean more dormancy on the calibration month-ends, found slope {slope:.3f}: "
            "what held in training no longer holds"
        )
    return calibrated


def sigmoid_slope(calibrated: CalibratedClassifierCV) -> float:
    """Log-odds of the calibrated probability per log-odds of the model; below 1 the model was overconfident."""
    return -float(calibrated.calibrated_classifiers_[0].calibrators[0].a_)


def uncalibrated(model: CalibratedClassifierCV | Pipeline) -> Pipeline:
    """The pipeline within, or the model itself where there was too little history to calibrate."""
    if isinstance(model, CalibratedClassifierCV):
        return model.calibrated_classifiers_[0].estimator.estimator
    return model
