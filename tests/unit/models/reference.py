"""The candidates as pipelines of scikit-learn: encoders and stored models must give the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from models.features.features import Feature
from models.learn.candidates import CANDIDATES, LOGISTIC, MARGIN_LIMIT, Fitted
from models.learn.columns import NO_VALUE
from models.learn.encoders import MISSING, RARE_SHARE


def reference(name: str, frame: pd.DataFrame, labels: np.ndarray, features: tuple[Feature, ...], ours: Fitted) -> Any:
    """Return the candidate as a pipeline with the same model; other models than the logistic are fitted again."""
    kind, build = CANDIDATES[name]
    columns = (linear_columns if kind == "linear" else tree_columns)(features)
    if name == LOGISTIC:
        columns.fit(frame)
        return Pipeline([("columns", columns), ("model", ours.model)])
    model = build(len(features), 1)
    steps = model.steps if isinstance(model, Pipeline) else [("model", model)]
    return Pipeline([("columns", columns), *steps]).fit(frame, labels)


def reference_margin(pipeline: Any, frame: pd.DataFrame) -> np.ndarray:
    if hasattr(pipeline, "decision_function"):
        return pipeline.decision_function(frame)
    return logit(pipeline.predict_proba(frame)[:, 1].clip(MARGIN_LIMIT, 1 - MARGIN_LIMIT))


def linear_columns(features: tuple[Feature, ...]) -> ColumnTransformer:
    return ColumnTransformer([(feature.name, _linear(feature), [feature.name]) for feature in features])


def tree_columns(features: tuple[Feature, ...]) -> ColumnTransformer:
    return ColumnTransformer(
        [
            (feature.name, _one_hot() if feature.scale == "category" else _below_all(), [feature.name])
            for feature in features
        ]
    )


def _one_hot() -> Pipeline:
    return Pipeline(
        [
            ("fill", SimpleImputer(strategy="constant", fill_value=NO_VALUE, keep_empty_features=True)),
            (
                "one_hot",
                OneHotEncoder(
                    handle_unknown="infrequent_if_exist",
                    min_frequency=RARE_SHARE,
                    sparse_output=False,
                ),
            ),
        ]
    )


def _below_all() -> SimpleImputer:
    return SimpleImputer(strategy="constant", fill_value=MISSING, keep_empty_features=True)


def _linear(feature: Feature) -> Pipeline:
    if feature.scale == "category":
        return Pipeline([*_one_hot().steps, ("centre", StandardScaler(with_std=False))])
    if feature.cap is None:
        fill = [("fill", SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True))]
    else:
        fill = [
            ("fill", SimpleImputer(strategy="constant", fill_value=feature.cap, keep_empty_features=True)),
            (
                "cap",
                FunctionTransformer(
                    np.clip,
                    kw_args={"a_min": 0.0, "a_max": feature.cap},
                    feature_names_out="one-to-one",
                ),
            ),
        ]
    steps = [*fill, ("scale", StandardScaler())]
    if feature.scale == "log":
        log = ("log", FunctionTransformer(np.log1p, feature_names_out="one-to-one"))
        steps.insert(0 if feature.cap is None else len(fill), log)
    return Pipeline(steps)
