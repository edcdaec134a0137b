"""The days of a demo: those through which it trains, and those that it grades."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.home.days import month_ends

WEEK = timedelta(days=7)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class DemoEnds:
    """Ends of the generated data. `steady`: the last day before a drift. `last_day`: the last day of the files."""

    steady: date
    last_day: date


@dataclass(frozen=True)
class DemoDays:
    """`trained_through`: the last day of the data of each training. `graded`: oldest first. No model of a training
    scores a day before its `trained_through`."""

    trained_through: tuple[date, ...]
    graded: tuple[date, ...]


def last_day_alone(ends: DemoEnds) -> DemoDays:
    """Return one training and one graded day."""
    return DemoDays((ends.steady,), (ends.last_day,))


def with_past(ends: DemoEnds) -> DemoDays:
    """Return the days of a demo with a past: the month-ends of a year, a week before the last day, and the last day.

    The first model is as old as the first graded day. The second model is that of the last weekly training (through a
    Sunday) before the week of the last day: it scores both days, so that no movement of that week is a change of
    models.
    """
    week_before = ends.last_day - WEEK
    past = [day for day in month_ends(ends.last_day - YEAR, ends.last_day) if day < week_before]
    sunday = week_before - timedelta(days=week_before.isoweekday() % 7)
    return DemoDays((past[0], min(ends.steady, sunday)), (*past, week_before, ends.last_day))
