"""Rolling origins: predictions of later month-ends by models that had not seen them.

Source: Tashman (2000), Out-of-sample tests of forecasting accuracy. At each origin a model is fitted on the month-ends
whose label windows had closed and predicts the next ones; the predictions are pooled. They choose the candidate and
fit the sigmoid of any but the logistic, so that neither touches the test.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MIN_CALIBRATED = 200
"""Rows of each class that the pooled predictions must have, and the training before each. With fewer, the two
parameters of the sigmoid are noisier than the model's own probabilities are biased."""
YEAR = pd.Timedelta(days=364)
"""Twelve month-ends in any year, 52 weeks. What is predicted spans one, so that no single season sets the level."""
BLOCK = 4
"""Month-ends predicted by one fit."""

Months = tuple[pd.Timestamp, ...]


def class_counts(labelled: pd.DataFrame) -> pd.DataFrame:
    """Rows by as_of (the index, ascending), columns `with` and `without` the label."""
    grouped = labelled.groupby("as_of")["label"]
    positive = grouped.sum().astype(int)
    return pd.DataFrame({"with": positive, "without": grouped.size() - positive}).sort_index()


def ended_before(counts: pd.DataFrame, snapshot: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """The month-ends whose label window ends before the snapshot."""
    return counts[counts.index + pd.Timedelta(days=horizon_days) < snapshot]


def rolling_origins(counts: pd.DataFrame, horizon_days: int) -> list[tuple[Months, Months]]:
    """(month-ends to fit on, month-ends to predict) of each origin, in order; empty if there is too little history."""
    latest = counts.index[counts.index > counts.index.max() - YEAR]
    starts = range(len(latest) % BLOCK, len(latest), BLOCK)
    origins = []
    for start in starts:
        predicted = latest[start : start + BLOCK]
        before = ended_before(counts, predicted[0], horizon_days)
        if (before.sum() >= MIN_CALIBRATED).all():
            origins.append((tuple(before.index), tuple(predicted)))
    pooled = counts.loc[[month for _, predicted in origins for month in predicted]].sum()
    return origins if (pooled >= MIN_CALIBRATED).all() else []


def rows_of(as_of: pd.Series, months: Months) -> np.ndarray:
    """Whether each row belongs to one of the month-ends."""
    return as_of.isin(months).to_numpy()
