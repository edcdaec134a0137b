"""The days that a model learns from: month-ends, or weeks in a young home, from the first data on.

No Dagster and no dbt here: each training process imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb

from pipelines.home.days import month_ends
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.scoring.offers import PURCHASE_SILENCE
from pipelines.transform.scope import cutoff_utc

CONTACTS, DEALS = "interactions", "transactions"
NEEDS: dict[str, tuple[str, ...]] = {
    "intent": (CONTACTS, DEALS),
    "dormancy": (CONTACTS,),
    "tenant_loss": (CONTACTS, DEALS),
    "winback": (CONTACTS,),
    PURCHASE_SILENCE: (DEALS,),
}
"""Target → the entities that its features and its label need."""

MONTHS = 24
WARM_UP_DAYS = 90
"""Days from the first data to the first month-end: the longest window of counts must lie after the first data."""
MONTHLY_FROM = 12
"""A home with fewer month-ends is young: its snapshots are weekly and begin earlier."""
YOUNG_WARM_UP_DAYS = 28
"""The first snapshots of a young home have partial windows. The later snapshots that judge the model have fuller ones,
so that the judged figures include the cost."""
MOST_WEEKS = 30
"""With more weeks, only every second or third week is used: each snapshot costs as much as a month-end."""
MOST_WEEKS_BESIDE_MONTHS = 15
"""The limit if another entity began earlier and has month-ends: these are built too."""

Firsts = Mapping[str, date | None]
"""Entity → its first day; None if no row is known."""


def first_days(
    connection: duckdb.DuckDBPyConnection, settings: Settings, trained_through: date
) -> dict[str, date | None]:
    """Return the business day of the first contact and of the first deal known by the end of `trained_through`."""
    firsts = {}
    for entity in (CONTACTS, DEALS):
        firsts[entity] = first_value(
            connection.execute(
                "SELECT CAST(timezone(?, timezone('UTC', min(occurred_at))) AS DATE) "
                f"FROM landing.{entity} WHERE known_at < ?",
                [settings.timezone, cutoff_utc(trained_through, settings)],
            )
        )
    return firsts


def snapshot_days(firsts: Firsts, trained_through: date) -> list[date]:
    """Return the days before `trained_through` that any question learns from."""
    return sorted({day for needs in NEEDS.values() for day in question_days(needs, firsts, trained_through)})


def question_days(needs: Sequence[str], firsts: Firsts, trained_through: date) -> list[date]:
    """Return the days before `trained_through` that a question with these needs learns from.

    Month-ends if there are enough, else weeks. An entity that began later uses the weeks of the entity that began
    first, if that one has weeks too: two series of weeks would double the work.
    """
    first = _first_day(needs, firsts)
    if first is None:
        return []
    oldest = min(day for day in firsts.values() if day)
    months = _month_ends(first, trained_through)
    if len(months) >= MONTHLY_FROM:
        return months[-MONTHS:]
    if first > oldest and len(_month_ends(oldest, trained_through)) >= MONTHLY_FROM:
        return _weeks(first, trained_through, MOST_WEEKS_BESIDE_MONTHS)
    begun = first + timedelta(days=YOUNG_WARM_UP_DAYS)
    return [day for day in _weeks(oldest, trained_through, MOST_WEEKS) if day >= begun]


def first_possible(needs: Sequence[str], firsts: Firsts, horizon_days: int) -> date:
    """Return the first day on which a question can be trained and judged, if its entities continue.

    Training needs a snapshot with a closed label window, and a later snapshot to judge on, after that window and with a
    closed window too. Raises ValueError if an entity has not begun.
    """
    horizon = timedelta(days=horizon_days)
    first = _first_day(needs, firsts)
    if first is None:
        raise ValueError(f"expected the first days of {', '.join(needs)}, got {firsts}")
    day = first + 2 * horizon
    while True:
        closed = [snapshot for snapshot in question_days(needs, firsts, day) if snapshot + horizon <= day]
        if closed and closed[0] + horizon < closed[-1]:
            return day
        day += timedelta(days=1)


def _first_day(needs: Sequence[str], firsts: Firsts) -> date | None:
    """Return the first day on which all needed entities have begun; None if one of them has not."""
    known = [day for entity in needs if (day := firsts[entity])]
    return max(known) if len(known) == len(needs) else None


def _weeks(first: date, trained_through: date, most: int) -> list[date]:
    """Return the weeks after the warm-up, thinned evenly to at most `most`."""
    begun = first + timedelta(days=YOUNG_WARM_UP_DAYS)
    weeks = [begun + timedelta(days=days) for days in range(0, (trained_through - begun).days, 7)]
    return weeks[:: -(-len(weeks) // most) or 1]


def _month_ends(first: date, trained_through: date) -> list[date]:
    return month_ends(first + timedelta(days=WARM_UP_DAYS), trained_through - timedelta(days=1))
