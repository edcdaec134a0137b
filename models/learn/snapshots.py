"""The split in time: month-ends to learn from, and later month-ends to judge on.

The label window of a row is (as_of, as_of + horizon]. A label is used only after its window has closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from models.errors import FeatureError, TooLittleHistory
from models.features.frames import require_columns, sorted_by_key
from models.learn.rolling import MIN_CALIBRATED, YEAR, Months, class_counts, ended_before, rolling_origins

MIN_PER_CLASS = 25
"""Minimum rows with the label, and without it, of the training rows and of the test."""
JUDGED_ROWS = 5_000
"""Rows of the test if there is enough history: the AUC of a single month-end varies by ±0.03."""

WHERE = "training snapshots"


@dataclass(frozen=True)
class Split:
    """Frames at grain customer × as_of, sorted by key.

    `past`: the judged model learns from it; `test`: the judged model is judged on it; `labelled`: the published model
    learns from it. `censored`: number of rows without a usable label by as_of.
    """

    past: pd.DataFrame
    test: pd.DataFrame
    labelled: pd.DataFrame
    censored: pd.Series


def split_by_time(snapshots: pd.DataFrame, *, trained_through: date, horizon_days: int) -> Split:
    """Split the snapshots (customer × as_of × horizon) of one horizon.

    A row is censored if its label is null or its window ends after `trained_through`, whatever its label says.
    Raises FeatureError for a broken key, label or horizon, TooLittleHistory for too few rows of a class.
    """
    require_columns(snapshots, ("horizon_days", "label"), WHERE)
    horizons = sorted(snapshots["horizon_days"].unique().tolist())
    if horizons and horizon_days not in horizons:
        raise FeatureError(f"{WHERE}, column horizon_days: expected {horizon_days}, found {horizons}")
    rows = sorted_by_key(snapshots[snapshots["horizon_days"] == horizon_days], WHERE)
    rows["label"] = _labels(rows["label"])

    closed = rows["as_of"] + pd.Timedelta(days=horizon_days) <= pd.Timestamp(trained_through)
    usable = closed & rows["label"].notna()
    if not usable.any():
        raise TooLittleHistory(
            f"expected month-ends whose {horizon_days}-day label window has closed by {trained_through}, found none"
            + (f": the first snapshot is {rows['as_of'].min():%Y-%m-%d}" if len(rows) else ": there are no snapshots")
        )
    labelled = rows[usable].astype({"label": bool}).reset_index(drop=True)
    past, test = choose_months(class_counts(labelled), horizon_days)
    return Split(
        *(labelled[labelled["as_of"].isin(months)].reset_index(drop=True) for months in (past, test)),
        labelled=labelled,
        censored=rows.loc[~usable, "as_of"].value_counts().sort_index(),
    )


def rows_of_last_year(snapshots: pd.DataFrame, *, trained_through: date, horizon_days: int) -> pd.DataFrame:
    """Return the rows of the latest year of snapshots, with or without a label: each season once."""
    rows = sorted_by_key(snapshots[snapshots["horizon_days"] == horizon_days], WHERE)
    rows = rows[rows["as_of"] <= pd.Timestamp(trained_through)]
    return rows[rows["as_of"] > rows["as_of"].max() - YEAR].reset_index(drop=True)


def choose_months(counts: pd.DataFrame, horizon_days: int) -> tuple[Months, Months]:
    """Return the month-ends to learn from and the latest month-ends, to judge on.

    The test has `JUDGED_ROWS` if the rest is enough to train and calibrate, else as few month-ends as possible. Every
    label window of the past ends before the first test snapshot. Raises TooLittleHistory.
    """
    test = _latest(counts, MIN_PER_CLASS)
    if not test:
        raise _too_little(counts, "at labelled month-ends, to judge on")
    wide = _latest(counts, MIN_PER_CLASS, JUDGED_ROWS)
    if wide:
        past = ended_before(counts, wide[0], horizon_days)
        if rolling_origins(past, horizon_days) and (past.sum() >= MIN_CALIBRATED).all():
            return tuple(past.index), wide
    past = ended_before(counts, test[0], horizon_days)
    if not (past.sum() >= MIN_PER_CLASS).all():
        raise _too_little(
            past, f"at month-ends whose {horizon_days}-day window ends before the test snapshot {test[0]:%Y-%m-%d}"
        )
    return tuple(past.index), test


def _latest(counts: pd.DataFrame, minimum: int, rows: int = 0) -> Months:
    """Return the fewest latest month-ends with `minimum` rows of each class and `rows` in all; empty if impossible."""
    cumulated = counts.iloc[::-1].cumsum()
    enough = (cumulated >= minimum).all(axis=1) & (cumulated.sum(axis=1) >= rows)
    return tuple(counts.index[counts.index >= enough.idxmax()]) if enough.any() else ()


def _too_little(counts: pd.DataFrame, where: str) -> TooLittleHistory:
    rows = counts.sum()
    return TooLittleHistory(
        f"expected at least {MIN_PER_CLASS} rows with and {MIN_PER_CLASS} without the label {where}; "
        f"found {rows['with']} with and {rows['without']} without in {len(counts)} month-end(s)"
    )


def _labels(column: pd.Series) -> pd.Series:
    try:
        return column.astype("boolean")
    except (TypeError, ValueError) as error:
        raise FeatureError(f"{WHERE}, column label: expected true, false or null, found {column.dtype}") from error
