"""Encoders: raw columns to numbers, one transformer per feature, so that each output belongs to one feature."""

from __future__ import annotations

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from models.features.features import Feature

NO_VALUE = "(none)"
MISSING = -1.0
RARE_SHARE = 0.01
"""Categories with a smaller share of the training rows are merged into one."""


def linear_columns(features: tuple[Feature, ...]) -> ColumnTransformer:
    """Return the encoder of linear models: logs, nulls replaced by the cap, or by the median with an indicator.

    Every output is centred on its training mean, so that the intercept belongs to the average row.
    """
    return ColumnTransformer([(feature.name, _linear(feature), [feature.name]) for feature in features])


def tree_columns(features: tuple[Feature, ...]) -> ColumnTransformer:
    """Return the encoder of trees: numbers as they are, one column per category, nulls below every number.

    Boosting cannot bin a column without any value, therefore nulls get a number.
    """
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
        # Not divided by the standard deviation: rare categories would escape the penalty.
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
