"""The candidates for champion behind one interface: `fit` on a checked frame, `margin` in log-odds.

No class weights and no resampling of classes: they harm calibration and do not improve the ranking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from models.errors import FitError
from models.features.features import Feature
from models.learn.encoders import linear_columns, tree_columns
from models.learn.signed import fit_signed, signs_of

LOGISTIC = "logistic"
MAX_ITERATIONS = 1000
INVERSE_PENALTY = 0.1
"""Columns that count the same events over nested windows need a strong penalty, or their weights cancel out. Chosen
between 0.1 and 0.3 on the rolling-origin predictions of three demo worlds."""
MARGIN_LIMIT = 1e-4
"""Probabilities of trees are clipped to this distance from 0 and 1."""

FITTED_ROWS = 20_000
"""Rows that candidates other than the logistic learn from, as a sample: more rows cost time and add little."""

Build = Callable[[tuple[Feature, ...], int], Pipeline]


def logistic(features: tuple[Feature, ...], seed: int) -> Pipeline:
    """L2 logistic regression with signed weights, the default model. The fit is deterministic."""
    return Pipeline(
        [
            ("columns", linear_columns(features)),
            ("model", LogisticRegression(C=INVERSE_PENALTY, max_iter=MAX_ITERATIONS, random_state=seed)),
        ]
    )


def random_forest(features: tuple[Feature, ...], seed: int) -> Pipeline:
    """Breiman (2001); leaves of at least 20 rows, so that a leaf's share is a probability."""
    forest = RandomForestClassifier(100, min_samples_leaf=20, max_features="sqrt", random_state=seed)
    return Pipeline([("columns", tree_columns(features)), ("model", forest)])


def kernel_svm(features: tuple[Feature, ...], seed: int) -> Pipeline:
    """Linear SVM on a Nyström map of the RBF kernel (Williams & Seeger, 2001): scales to many rows."""
    return Pipeline(
        [
            ("columns", linear_columns(features)),
            ("kernel", Nystroem(gamma=0.5 / len(features), n_components=100, random_state=seed)),
            ("model", LinearSVC(C=0.1, dual=False, random_state=seed)),
        ]
    )


def boosting(features: tuple[Feature, ...], seed: int) -> Pipeline:
    """Histogram gradient boosting (Ke et al., 2017), with shallow trees and a low learning rate."""
    boosted = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=120,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
    return Pipeline([("columns", tree_columns(features)), ("model", boosted)])


def decision_tree(features: tuple[Feature, ...], seed: int) -> Pipeline:
    """One tree (Breiman et al., 1984), small enough to read."""
    tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=50, random_state=seed)
    return Pipeline([("columns", tree_columns(features)), ("model", tree)])


CANDIDATES: dict[str, Build] = {
    LOGISTIC: logistic,
    "random_forest": random_forest,
    "kernel_svm": kernel_svm,
    "boosting": boosting,
    "decision_tree": decision_tree,
}


def fit(name: str, frame: pd.DataFrame, labels: np.ndarray, features: tuple[Feature, ...], seed: int) -> Pipeline:
    """Fit a candidate on rows of `feature_frame` in the order of their key.

    Candidates other than the logistic use a sample of FITTED_ROWS. Raises FitError if the logistic does not converge.
    """
    if name != LOGISTIC and len(frame) > FITTED_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(frame), FITTED_ROWS, replace=False))
        frame, labels = frame.iloc[rows], labels[rows]
    # One thread: sums have a fixed order, and threads do not wait for each other on a busy machine.
    with threadpool_limits(limits=1):
        pipeline = CANDIDATES[name](features, seed)
        if name == LOGISTIC:
            columns = columns_of(pipeline)
            encoded = np.asarray(columns.fit_transform(frame))
            fit_signed(estimator_of(pipeline), encoded, labels, signs_of(columns, features))
        else:
            pipeline.fit(frame, labels)
    if name == LOGISTIC:
        model = estimator_of(pipeline)
        iterations = int(model.n_iter_[0])
        if iterations >= MAX_ITERATIONS or not np.isfinite(model.coef_).all():
            raise FitError(f"expected the logistic fit to converge in {MAX_ITERATIONS} iterations, found {iterations}")
    return pipeline


def columns_of(pipeline: Pipeline) -> ColumnTransformer:
    """Return the step of a candidate that turns raw columns into numbers."""
    return pipeline.named_steps["columns"]


def estimator_of(pipeline: Pipeline) -> Any:
    """Return the last step of a candidate, the model itself."""
    return pipeline.named_steps["model"]


def margin(pipeline: Pipeline, frame: pd.DataFrame) -> np.ndarray:
    """Return the uncalibrated output of each row: log-odds, or the distance of an SVM."""
    with threadpool_limits(limits=1):
        if hasattr(pipeline, "decision_function"):
            return pipeline.decision_function(frame)
        return logit(pipeline.predict_proba(frame)[:, 1].clip(MARGIN_LIMIT, 1 - MARGIN_LIMIT))
