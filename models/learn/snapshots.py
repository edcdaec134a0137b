"""Which month-ends a model learns from and which it is judged on, apart in time.

A row's label window is (as_of, as_of + horizon]. It is known, and may be used, only once the window has closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from models.errors import FeatureError, TooLittleHistory
from models.features.frames import require_columns, sorted_by_key
from models.learn.rolling import MIN_CALIBRATED, YEAR, Months, class_counts, ended_before, rolling_origins

MIN_PER_CLASS = 25
"""Rows with and without the label that training needs, and that the test needs, to say anything."""
JUDGED_ROWS = 5_000
"""Rows that the test has where there is history enough: one month-end alone moves the AUC by ±0.03."""

WHERE = "training snapshots"


@dataclass(frozen=True)
class Split:
    """Frames at grain customer × as_of, sorted by key.

    `past` is what the judged model learns from, `test` what it is judged on, `labelled` all that the published
    model learns from; `censored`: rows without a usable label by as_of.
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
    """Rows of the latest year of snapshots, with or without a label: every season once, and as old as today's rows."""
    rows = sorted_by_key(snapshots[snapshots["horizon_days"] == horizon_days], WHERE)
    rows = rows[rows["as_of"] <= pd.Timestamp(trained_through)]
    return rows[rows["as_of"] > rows["as_of"].max() - YEAR].reset_index(drop=True)


def choose_months(counts: pd.DataFrame, horizon_days: int) -> tuple[Months, Months]:
    """Month-ends to learn from and, the latest ones, to judge on.

    The test has `JUDGED_ROWS` if that leaves enough to calibrate and to train on, else the fewest month-ends that do.
    Every label window of the past ends before the first test snapshot. Raises TooLittleHistory.
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
    """The shortest run of latest month-ends with `minimum` of each class and `rows` in all; empty if there is none."""
    from_here_on = counts.iloc[::-1].cumsum()
    enough = (from_here_on >= minimum).all(axis=1) & (from_here_on.sum(axis=1) >= rows)
    return tuple(counts.index[counts.index >= enough.idxmax()]) if enough.any() else ()


def _too_little(counts: pd.DataFrame, where: str) -> TooLittleHistory:
    found = counts.sum()
    return TooLittleHistory(
        f"expected at least {MIN_PER_CLASS} rows with and {MIN_PER_CLASS} without the label {where}; "
        f"found {found['with']} with and {found['without']} without in {len(counts)} month-end(s)"
    )


def _labels(column: pd.Series) -> pd.Series:
    try:
        return column.astype("boolean")
    except (TypeError, ValueError) as error:
        raise FeatureError(f"{WHERE}, column label: expected true, false or null, found {column.dtype}") from error
