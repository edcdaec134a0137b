"""Rolling origins: predictions of month-ends by models that learned from earlier month-ends only.

Source: Tashman (2000), Out-of-sample tests of forecasting accuracy. At each origin a model is fitted on the month-ends
whose label windows had closed, and predicts the next month-ends. The pooled predictions choose the candidate and fit
the sigmoid, so that neither step uses the test.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

MIN_CALIBRATED = 200
"""Minimum rows of each class in the pooled predictions, and in the training rows of each origin. With fewer rows, the
noise of the sigmoid exceeds the bias of the uncalibrated probabilities."""
YEAR = pd.Timedelta(days=364)
"""52 weeks: always twelve month-ends. The predictions span a year, so that no single season sets the level."""
BLOCK = 4
"""Month-ends predicted by one fit."""

Months = tuple[pd.Timestamp, ...]


def class_counts(labelled: pd.DataFrame) -> pd.DataFrame:
    """Count rows by as_of (the index, ascending), with and without the label (columns `with`, `without`)."""
    grouped = labelled.groupby("as_of")["label"]
    positive = grouped.sum().astype(int)
    return pd.DataFrame({"with": positive, "without": grouped.size() - positive}).sort_index()


def ended_before(counts: pd.DataFrame, snapshot: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    """Return the month-ends whose label window ends before the snapshot."""
    return counts[counts.index < snapshot - pd.Timedelta(days=horizon_days)]


def rolling_origins(counts: pd.DataFrame, horizon_days: int) -> list[tuple[Months, Months]]:
    """Return (month-ends to fit on, month-ends to predict) of each origin; empty if there is too little history."""
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
    """Return whether each row belongs to one of the month-ends."""
    return as_of.isin(months).to_numpy()
