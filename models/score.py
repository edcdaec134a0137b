"""Probabilities with reasons, for the population of a target on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd

from models.errors import FeatureError, ModelTooNew
from models.explain import REASONS, reasons
from models.features.frames import feature_frame, sorted_by_key
from models.learn.trained import TrainedModel

PROBABILITY_DECIMALS = 12
"""Hides the order of additions, and keeps log-odds exact to 1e-6."""

SCORE_DTYPES = {
    "target": "object",
    "customer_key": "object",
    "as_of": "datetime64[s]",
    "horizon_days": "int64",
    "model_version": "object",
    "probability_source": "object",
    "probability": "float64",
    **{f"reason_{place + 1}": "object" for place in range(REASONS)},
    **{f"reason_{place + 1}_zh": "object" for place in range(REASONS)},
    **{f"contribution_{place + 1}": "float64" for place in range(REASONS)},
}
"""Columns of the result, in order."""


def score(model: TrainedModel, features: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Return the probability of the label (12 decimals) and three reasons for each row of `features`.

    A row's result depends on no other row: large populations are scored in batches of any size.

    `features`: customer_key, as_of and the features of the model. Result: grain customer × as_of, in the order of
    customer_key; empty for an empty frame. Categories that are new since training are allowed. Raises FeatureError for
    a frame that does not match the schema, ModelTooNew if the model was trained through a later day.
    """
    where = f"features of {as_of}"
    if model.trained_through > as_of:
        raise ModelTooNew(f"expected a model trained through {as_of} or earlier, found {model.model_id}")
    rows = sorted_by_key(features, where)
    if other_days := rows.loc[rows["as_of"] != pd.Timestamp(as_of), "as_of"].tolist():
        raise FeatureError(f"{where}, column as_of: expected {as_of} alone, found {other_days[0]:%Y-%m-%d}")
    checked = feature_frame(rows, model.scorer.features, where)
    if checked.empty:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in SCORE_DTYPES.items()})
    explained = reasons(model.scorer, checked, pd.Timestamp(as_of), model.target, model.horizon_days)
    probability = model.scorer.probability(checked).round(PROBABILITY_DECIMALS)
    keys = rows[["customer_key", "as_of"]].assign(
        target=model.target,
        horizon_days=model.horizon_days,
        model_version=model.model_id,
        probability_source=model.scorer.source,
    )
    scored = pd.concat([keys, explained.assign(probability=probability)], axis=1)
    return scored[list(SCORE_DTYPES)].astype(SCORE_DTYPES)
