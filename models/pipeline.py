"""The logistic model: one scikit-learn Pipeline from raw columns to log-odds, fitted on training rows alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from models.errors import FitError
from models.features import DORMANCY_FEATURES, Feature

NO_VALUE = "(none)"
RARE_SHARE = 0.01
"""A category of a smaller share of the training rows joins the others like it."""
INVERSE_PENALTY = 1.0
MAX_ITERATIONS = 1000


def logistic_pipeline() -> Pipeline:
    """Columns (one transformer per feature, so that each output belongs to one feature), then L2 logistic regression.

    Every output is centred on its training mean, so that the intercept is the log-odds of the average row. There are
    no class weights: they cost calibration and win no ranking.
    """
    columns = ColumnTransformer([(feature.name, _encoder(feature), [feature.name]) for feature in DORMANCY_FEATURES])
    return Pipeline([
        ("columns", columns),
        ("logistic", LogisticRegression(C=INVERSE_PENALTY, max_iter=MAX_ITERATIONS)),
    ])  # fmt: skip


def fit_logistic(features: pd.DataFrame, is_dormant: pd.Series) -> Pipeline:
    """Fit on rows of `feature_frame` in the order of their key. Raises FitError if it did not converge."""
    pipeline = logistic_pipeline().fit(features, is_dormant.to_numpy(dtype=bool))
    iterations = int(pipeline["logistic"].n_iter_[0])
    if iterations >= MAX_ITERATIONS or not np.isfinite(pipeline["logistic"].coef_).all():
        raise FitError(f"expected the logistic fit to converge in {MAX_ITERATIONS} iterations, found {iterations}")
    return pipeline


def _encoder(feature: Feature) -> Pipeline:
    if feature.scale == "category":
        return Pipeline([
            ("fill", SimpleImputer(strategy="constant", fill_value=NO_VALUE, keep_empty_features=True)),
            ("one_hot", OneHotEncoder(
                handle_unknown="infrequent_if_exist", min_frequency=RARE_SHARE, sparse_output=False,
            )),
            # Not divided by its deviation: that would lift the penalty from rare categories.
            ("centre", StandardScaler(with_std=False)),
        ])  # fmt: skip
    steps = [
        ("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)),
        ("scale", StandardScaler()),
    ]
    if feature.scale == "log":
        steps.insert(0, ("log", FunctionTransformer(np.log1p, feature_names_out="one-to-one")))
    return Pipeline(steps)
