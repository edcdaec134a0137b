"""Training, calibration and test snapshots, apart in time: no label window reaches into a later set.

A row's label window is (as_of, as_of + horizon]. It is known, and may be used, only once the window has closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from models.errors import FeatureError, TooLittleHistory
from models.features import require_columns, sorted_by_key

MIN_PER_CLASS = 25
"""Dormant and active rows that training needs, and that the test needs, to say anything."""
JUDGED_ROWS = 5_000
"""Rows that the test has where there is history enough: one month-end alone moves the AUC by ±0.03."""
MIN_CALIBRATED = 200
"""Dormant and active rows that a separate calibration set must have and must leave for training. With fewer, the two
parameters of the sigmoid are noisier than the logistic model's own probabilities are biased."""

Months = tuple[pd.Timestamp, ...]


@dataclass(frozen=True)
class Calendar:
    """Month-ends by use. `calibrate` is empty if there is too little history for a set of its own."""

    train: Months
    calibrate: Months
    test: Months


@dataclass(frozen=True)
class Split:
    """Frames at grain customer × as_of by use, sorted by key; `censored`: rows without a usable label by as_of."""

    train: pd.DataFrame
    calibrate: pd.DataFrame
    test: pd.DataFrame
    censored: pd.Series


def split_by_time(snapshots: pd.DataFrame, *, trained_through: date, horizon_days: int) -> Split:
    """Split the snapshots (customer × as_of × horizon) of one horizon into train, calibrate and test.

    A row is censored if its label is null or its window ends after `trained_through`, whatever its label says.
    Raises FeatureError for a broken key, label or horizon, TooLittleHistory for too few rows of a class.
    """
    where = "training snapshots"
    require_columns(snapshots, ("horizon_days", "is_dormant"), where)
    horizons = sorted(snapshots["horizon_days"].unique().tolist())
    if horizons and horizon_days not in horizons:
        raise FeatureError(f"{where}, column horizon_days: expected {horizon_days}, found {horizons}")
    rows = sorted_by_key(snapshots[snapshots["horizon_days"] == horizon_days], where)
    rows["is_dormant"] = _labels(rows["is_dormant"], where)

    closed = rows["as_of"] + pd.Timedelta(days=horizon_days) <= pd.Timestamp(trained_through)
    usable = closed & rows["is_dormant"].notna()
    if not usable.any():
        raise TooLittleHistory(
            f"expected month-ends whose {horizon_days}-day label window has closed by {trained_through}, found none"
            + (f": the first snapshot is {rows['as_of'].min():%Y-%m-%d}" if len(rows) else ": there are no snapshots")
        )
    labelled = rows[usable].astype({"is_dormant": bool})
    calendar = choose_months(class_counts(labelled), horizon_days)
    return Split(
        *(labelled[labelled["as_of"].isin(months)].reset_index(drop=True)
          for months in (calendar.train, calendar.calibrate, calendar.test)),
        censored=rows.loc[~usable, "as_of"].value_counts().sort_index(),
    )  # fmt: skip


def class_counts(labelled: pd.DataFrame) -> pd.DataFrame:
    """Rows by as_of (the index, ascending), columns `dormant` and `active`."""
    grouped = labelled.groupby("as_of")["is_dormant"]
    dormant = grouped.sum().astype(int)
    return pd.DataFrame({"dormant": dormant, "active": grouped.size() - dormant}).sort_index()


def choose_months(counts: pd.DataFrame, horizon_days: int) -> Calendar:
    """Choose month-ends, latest first: those of a test, then a calibration set; training gets the rest.

    The test has `JUDGED_ROWS` if that leaves enough to calibrate and to train on, else the fewest month-ends that do.
    Every label window of a set ends before the first snapshot of the set after it. Raises TooLittleHistory.
    """
    test = _latest(counts, MIN_PER_CLASS)
    if not test:
        raise _too_little(counts, "at labelled month-ends, to judge on")
    for wide in (_latest(counts, MIN_PER_CLASS, JUDGED_ROWS), test):
        calibrate = _latest(_ended_before(counts, wide[0], horizon_days), MIN_CALIBRATED) if wide else ()
        if calibrate:
            train = _ended_before(counts, calibrate[0], horizon_days)
            if (train.sum() >= MIN_CALIBRATED).all():
                return Calendar(tuple(train.index), calibrate, wide)
    train = _ended_before(counts, test[0], horizon_days)
    if not (train.sum() >= MIN_PER_CLASS).all():
        raise _too_little(
            train, f"at month-ends whose {horizon_days}-day window ends before the test snapshot {test[0]:%Y-%m-%d}"
        )
    return Calendar(tuple(train.index), (), test)


def _ended_before(counts: pd.DataFrame, snapshot: pd.Timestamp, horizon_days: int) -> pd.DataFrame:
    return counts[counts.index + pd.Timedelta(days=horizon_days) < snapshot]


def _latest(counts: pd.DataFrame, minimum: int, rows: int = 0) -> Months:
    """The shortest run of latest month-ends with `minimum` of each class and `rows` in all; empty if there is none."""
    from_here_on = counts.iloc[::-1].cumsum()
    enough = (from_here_on >= minimum).all(axis=1) & (from_here_on.sum(axis=1) >= rows)
    return tuple(counts.index[counts.index >= enough.idxmax()]) if enough.any() else ()


def _too_little(counts: pd.DataFrame, where: str) -> TooLittleHistory:
    found = counts.sum()
    return TooLittleHistory(
        f"expected at least {MIN_PER_CLASS} dormant and {MIN_PER_CLASS} active rows {where}; "
        f"found {found['dormant']} dormant and {found['active']} active in {len(counts)} month-end(s)"
    )


def _labels(column: pd.Series, where: str) -> pd.Series:
    try:
        return column.astype("boolean")
    except (TypeError, ValueError) as error:
        raise FeatureError(f"{where}, column is_dormant: expected true, false or null, found {column.dtype}") from error
