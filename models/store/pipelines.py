"""Models that were stored as a pipeline of scikit-learn, whose first step is a ColumnTransformer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.pipeline import Pipeline

from models.features.features import Feature
from models.learn.candidates import Fitted
from models.learn.encoders import Encoder, Number, Text


def fitted_of_pipeline(pipeline: Pipeline, features: Sequence[Feature]) -> Fitted:
    """Return the same model with an encoder of our own."""
    transformers = pipeline.named_steps["columns"].named_transformers_
    parts = tuple(
        _text(transformers[feature.name], feature.name)
        if feature.scale == "category"
        else _number(transformers[feature.name], feature)
        for feature in features
    )
    is_linear = all(isinstance(transformer, Pipeline) for transformer in transformers.values()) and any(
        "scale" in transformer.named_steps or "centre" in transformer.named_steps
        for transformer in transformers.values()
    )
    rest = pipeline.steps[1:]
    return Fitted(Encoder("linear" if is_linear else "tree", parts), rest[0][1] if len(rest) == 1 else Pipeline(rest))


def _text(transformer: Pipeline, name: str) -> Text:
    one_hot = transformer.named_steps["one_hot"]
    rare = one_hot.infrequent_categories_[0]
    rare = () if rare is None else tuple(rare.tolist())
    frequent = tuple(text for text in one_hot.categories_[0].tolist() if text not in rare)
    centre = transformer.named_steps.get("centre")
    return Text(name, frequent, rare, tuple(centre.mean_.tolist()) if centre else ())


def _number(transformer: Pipeline, feature: Feature) -> Number:
    if not isinstance(transformer, Pipeline):
        return Number(feature.name, float(transformer.statistics_[0]), has_indicator=False)
    fill, scaler = transformer.named_steps["fill"], transformer.named_steps["scale"]
    indicator = fill.indicator_
    has_indicator = indicator is not None and len(np.atleast_1d(indicator.features_)) > 0
    return Number(
        feature.name,
        float(fill.statistics_[0]),
        has_indicator,
        tuple(scaler.mean_.tolist()),
        tuple(scaler.scale_.tolist()),
    )
