"""The first day that can be graded: where the partitions of Dagster begin."""

from __future__ import annotations

from datetime import date

from pipelines.errors import TierhouseError
from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings

BEFORE_DATA = date(2000, 1, 1)
"""First day of a home that has loaded no lead yet: its first run may grade any day of the past."""


class FirstDayUnreadable(TierhouseError):
    """The file with the first day of a home is damaged."""


def first_day(settings: Settings) -> date:
    """Return `TIERHOUSE_FIRST_DAY`, else the first day with a lead, else 2000-01-01. Raises FirstDayUnreadable."""
    return settings.first_day or remembered_first_day(settings) or BEFORE_DATA


def remembered_first_day(settings: Settings) -> date | None:
    """Return the day in `<home>/first_day.txt`, None if no run has loaded a lead yet. Raises FirstDayUnreadable."""
    file = settings.first_day_file
    try:
        return date.fromisoformat(file.read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None
    except ValueError:
        raise FirstDayUnreadable(
            f"{file}: expected a day as YYYY-MM-DD: delete the file, the next run writes it again"
        ) from None


def remember_first_day(settings: Settings, *days: date | None) -> date | None:
    """Move the remembered day back to the earliest of these days, and return it. It never moves forward.

    Otherwise Dagster would no longer show the runs of the days between.
    """
    before = remembered_first_day(settings)
    earliest = min(filter(None, (before, *days)), default=None)
    if earliest and earliest != before:
        write_atomically(settings.first_day_file, f"{earliest}\n".encode())
    return earliest
