"""Lists of days, and the last day of a demo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

DAY = timedelta(days=1)
LAST_DAY_FILE = ".last_day"
"""The file with the last day of the demo, in the folder of its raw files. Schedules grade no later day."""


class DaysReversed(TierhouseError):
    """The last day of a range is before its first day."""


def days_between(first: date, last: date) -> list[date]:
    """Return the days from `first` to `last`, both included. Raises DaysReversed if `last` is before `first`."""
    if last < first:
        raise DaysReversed(f"expected the first day before the last, got {first} and then {last}")
    return [first + days * DAY for days in range((last - first).days + 1)]


def month_ends(first: date, last: date) -> list[date]:
    """Return the month-ends from `first` to `last`, both included; none if `last` is before `first`."""
    return [day for day in days_between(first, max(first, last)) if (day + DAY).day == 1 and day <= last]


def month_ends_and_last(first: date, last: date) -> list[date]:
    """Return the month-ends from `first` to `last`, and `last` itself. Raises DaysReversed."""
    return [day for day in days_between(first, last) if (day + DAY).day == 1 or day == last]


def span(days: Sequence[date]) -> str:
    """Describe days, oldest first: `2026-06-30`, or `2026-06-01 to 2026-06-30 (30 days)`."""
    if not days:
        return "no day"
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]} ({len(days)} days)"


def last_demo_day(settings: Settings) -> date | None:
    """Return the last day on which the customers of a demo can be graded, None if it is today or the home is no demo.

    A month after the end of its files. Plots in the UI show the last 120 days that can be graded, and so the demo.
    """
    last = demo_ends_before(settings, settings.now().date() - 31 * DAY)
    return last and last + 31 * DAY


def demo_ends_before(settings: Settings, day: date) -> date | None:
    """Return the last day of the demo's files if the home has no other source and `day` is later, else None."""
    file = settings.home / "demo" / LAST_DAY_FILE
    if not file.exists() or [path.stem for path in settings.mapping_files] != ["demo"]:
        return None
    last = date.fromisoformat(file.read_text())
    return last if last < day else None
