"""The candidates for champion behind one interface: `fit` on columns, `margin` in log-odds.

No class weights and no resampling of classes: they harm calibration and do not improve the ranking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from models.errors import FitError
from models.features.features import Feature
from models.learn.columns import Columns
from models.learn.encoders import Encoder, Kind, fit_encoder
from models.learn.one_thread import one_thread
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

Build = Callable[[int, int], Any]
"""The model before its fit, for a number of features and a seed."""


@dataclass(frozen=True)
class Fitted:
    """A fitted candidate: the encoder of its columns and the model, an estimator of scikit-learn."""

    encoder: Encoder
    model: Any

    def margin(self, columns: Columns) -> np.ndarray:
        """Return the uncalibrated output of each row: log-odds, or the distance of an SVM."""
        return margin(self.model, self.encoder.encode(columns))


def logistic(_: int, seed: int) -> LogisticRegression:
    """L2 logistic regression with signed weights, the default model. The fit is deterministic."""
    return LogisticRegression(C=INVERSE_PENALTY, max_iter=MAX_ITERATIONS, random_state=seed)


def random_forest(_: int, seed: int) -> RandomForestClassifier:
    """Breiman (2001); leaves of at least 20 rows, so that a leaf's share is a probability."""
    return RandomForestClassifier(100, min_samples_leaf=20, max_features="sqrt", random_state=seed)


def kernel_svm(features: int, seed: int) -> Pipeline:
    """Linear SVM on a Nyström map of the RBF kernel (Williams & Seeger, 2001): scales to many rows."""
    return Pipeline(
        [
            ("kernel", Nystroem(gamma=0.5 / features, n_components=100, random_state=seed)),
            ("model", LinearSVC(C=0.1, dual=False, random_state=seed)),
        ]
    )


def boosting(_: int, seed: int) -> HistGradientBoostingClassifier:
    """Histogram gradient boosting (Ke et al., 2017), with shallow trees and a low learning rate."""
    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=120,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def decision_tree(_: int, seed: int) -> DecisionTreeClassifier:
    """One tree (Breiman et al., 1984), small enough to read."""
    return DecisionTreeClassifier(max_depth=6, min_samples_leaf=50, random_state=seed)


CANDIDATES: dict[str, tuple[Kind, Build]] = {
    LOGISTIC: ("linear", logistic),
    "random_forest": ("tree", random_forest),
    "kernel_svm": ("linear", kernel_svm),
    "boosting": ("tree", boosting),
    "decision_tree": ("tree", decision_tree),
}


def fit(name: str, columns: Columns, labels: np.ndarray, features: tuple[Feature, ...], seed: int) -> Fitted:
    """Fit a candidate on rows in the order of their key.

    Candidates other than the logistic use a sample of FITTED_ROWS. Raises FitError if the logistic does not converge.
    """
    if name != LOGISTIC and len(columns) > FITTED_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(columns), FITTED_ROWS, replace=False))
        columns, labels = columns.take(rows), labels[rows]
    kind, build = CANDIDATES[name]
    model = build(len(features), seed)
    encoder = fit_encoder(kind, columns, features)
    encoded = encoder.encode(columns)
    with one_thread():
        if name == LOGISTIC:
            fit_signed(model, encoded, labels, signs_of(encoder, features))
        else:
            model.fit(encoded, labels)
    if name == LOGISTIC:
        iterations = int(model.n_iter_[0])
        if iterations >= MAX_ITERATIONS or not np.isfinite(model.coef_).all():
            raise FitError(f"expected the logistic fit to converge in {MAX_ITERATIONS} iterations, found {iterations}")
    return Fitted(encoder, model)


def margin(model: Any, encoded: np.ndarray) -> np.ndarray:
    """Return `Fitted.margin` of encoded rows."""
    with one_thread():
        if hasattr(model, "decision_function"):
            return model.decision_function(encoded)
        return logit(model.predict_proba(encoded)[:, 1].clip(MARGIN_LIMIT, 1 - MARGIN_LIMIT))
