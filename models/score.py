"""Scores with reasons, for the relationships that are engaged on a day."""

from __future__ import annotations

from datetime import date

import pandas as pd

from models.errors import FeatureError, LeakSuspected
from models.explain import DECIMALS, REASONS, reasons
from models.features import feature_frame, sorted_by_key
from models.trained import TrainedModel

SCORE_DTYPES = {
    "customer_key": "object",
    "as_of": "datetime64[s]",
    "horizon_days": "int64",
    "model_version": "object",
    "churn_probability": "float64",
    **{f"reason_{place + 1}": "object" for place in range(REASONS)},
    **{f"contribution_{place + 1}": "float64" for place in range(REASONS)},
}
"""Columns of the result, in their order."""


def score(model: TrainedModel, features: pd.DataFrame, *, as_of: date) -> pd.DataFrame:
    """Probability of dormancy (6 decimals) and three reasons for each row of `features`.

    `features`: customer_key, as_of and the whitelist. Grain customer × as_of, in the order of customer_key; empty in,
    empty out. A category that training never saw is allowed. Raises FeatureError for a broken frame, LeakSuspected if
    the model was trained through a later day.
    """
    where = f"features of {as_of}"
    if model.trained_through > as_of:
        raise LeakSuspected(f"expected a model trained through {as_of} or earlier, found {model.model_id}")
    rows = sorted_by_key(features, where)
    if strange := rows.loc[rows["as_of"] != pd.Timestamp(as_of), "as_of"].tolist():
        raise FeatureError(f"{where}, column as_of: expected {as_of} alone, found {strange[0]:%Y-%m-%d}")
    checked = feature_frame(rows, where)
    if checked.empty:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in SCORE_DTYPES.items()})
    scores = rows[["customer_key", "as_of"]].assign(
        horizon_days=model.horizon_days,
        model_version=model.model_id,
        churn_probability=model.calibrated.predict_proba(checked)[:, 1].round(DECIMALS),
    )
    return pd.concat([scores, reasons(model.estimator, checked)], axis=1).astype(SCORE_DTYPES)
