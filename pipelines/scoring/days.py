"""Which days a model learns from: month-ends of an old home, weeks of a young one, and none before its data begin.

No Dagster, no dbt: each training process imports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import duckdb

from pipelines.home.settings import Settings
from pipelines.scoring.offers import PURCHASE_SILENCE
from pipelines.transform.scope import cutoff_utc, month_ends

CONTACTS, DEALS = "interactions", "transactions"
NEEDS: dict[str, tuple[str, ...]] = {
    "intent": (CONTACTS, DEALS),
    "dormancy": (CONTACTS,),
    "tenant_loss": (CONTACTS, DEALS),
    "winback": (CONTACTS,),
    PURCHASE_SILENCE: (DEALS,),
}
"""Target → the entities without which its features, or its label, say nothing."""

MONTHS = 24
WARM_UP_DAYS = 90
"""A snapshot needs as much past as its longest window, or its counts are short for want of data, not of events."""
MONTHLY_FROM = 12
"""With fewer month-ends than this a home is young: its snapshots are weekly and begin earlier."""
YOUNG_WARM_UP_DAYS = 28
"""Windows of a young home's first snapshots are partial. The later snapshots that judge the model are less so: what a
partial window costs shows in the judged figures."""
MOST_WEEKS = 30
"""With more weeks than this every other one, or every third, is enough: each snapshot costs as much as a month-end."""
MOST_WEEKS_BESIDE_MONTHS = 15
"""Where what began earlier has its month-ends: they are built too."""

Firsts = Mapping[str, date | None]
"""Entity → the day on which it begins, null where none of it is known."""


def first_days(
    connection: duckdb.DuckDBPyConnection, settings: Settings, trained_through: date
) -> dict[str, date | None]:
    """Business day of the first contact and of the first deal that landing knows by that day's end."""
    firsts = {}
    for entity in (CONTACTS, DEALS):
        found = connection.execute(
            "SELECT CAST(timezone(?, timezone('UTC', min(occurred_at))) AS DATE) "
            f"FROM landing.{entity} WHERE known_at < ?",
            [settings.timezone, cutoff_utc(trained_through, settings)],
        ).fetchone()
        firsts[entity] = found[0] if found else None
    return firsts


def snapshot_days(firsts: Firsts, trained_through: date) -> list[date]:
    """The days before `trained_through` that any question learns from."""
    return sorted({day for needs in NEEDS.values() for day in question_days(needs, firsts, trained_through)})


def question_days(needs: Sequence[str], firsts: Firsts, trained_through: date) -> list[date]:
    """The days before `trained_through` that a question learns from, which needs these entities.

    Month-ends where there are enough of them, else weeks. What began later takes its weeks from what began earlier,
    where that has weeks too: two rows of weeks would double the work.
    """
    wanted = [firsts[entity] for entity in needs]
    if any(first is None for first in wanted):
        return []
    first, oldest = max(wanted), min(day for day in firsts.values() if day)
    months = _month_ends(first, trained_through)
    if len(months) >= MONTHLY_FROM:
        return months[-MONTHS:]
    if first > oldest and len(_month_ends(oldest, trained_through)) >= MONTHLY_FROM:
        return _weeks(first, trained_through, MOST_WEEKS_BESIDE_MONTHS)
    begun = first + timedelta(days=YOUNG_WARM_UP_DAYS)
    return [day for day in _weeks(oldest, trained_through, MOST_WEEKS) if day >= begun]


def first_possible(needs: Sequence[str], firsts: Firsts, horizon_days: int) -> date:
    """The day from which a question can be trained and judged, if its entities, all of which have begun, go on.

    One snapshot to learn from, a later one to judge on whose day is after the first one's label window, and the end of
    that one's window.
    """
    horizon = timedelta(days=horizon_days)
    day = max(firsts[entity] for entity in needs) + 2 * horizon
    while True:
        closed = [one for one in question_days(needs, firsts, day) if one + horizon <= day]
        if closed and closed[0] + horizon < closed[-1]:
            return day
        day += timedelta(days=1)


def _weeks(first: date, trained_through: date, most: int) -> list[date]:
    """Each week after the warm-up or, so that there are at most `most`, every so many of them."""
    begun = first + timedelta(days=YOUNG_WARM_UP_DAYS)
    weeks = [begun + timedelta(days=days) for days in range(0, (trained_through - begun).days, 7)]
    return weeks[:: -(-len(weeks) // most) or 1]


def _month_ends(first: date, trained_through: date) -> list[date]:
    return month_ends(first + timedelta(days=WARM_UP_DAYS), trained_through - timedelta(days=1))
