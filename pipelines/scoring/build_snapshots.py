"""Training snapshots: the daily dbt models, built for past days in a DuckDB file of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.identity.customers import write_customers
from pipelines.ingest import landing
from pipelines.settings import Settings
from pipelines.transform.assets import CORE, STAGING
from pipelines.transform.dbt import run_dbt
from pipelines.transform.fx_rates import assert_rates
from pipelines.transform.rules_check import assert_rules
from pipelines.transform.scope import cutoff_utc, month_ends, write_scope
from pipelines.warehouse import connect

NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
"""The daily run tests the same models on the same rows; here the features gate judges what comes out."""

MONTHS = 24
WARM_UP_DAYS = 90
"""A snapshot needs as much past as its longest window, or its counts are short for want of data, not of events."""
MONTHLY_FROM = 12
"""With fewer month-ends than this a home is young: its snapshots are weekly and begin earlier."""
YOUNG_WARM_UP_DAYS = 28
"""Windows of a young home's first snapshots are partial. The later snapshots that judge the model are less so: what a
partial window costs shows in the judged figures."""
YOUNG_STEP_DAYS = 7
MOST_DEAL_SNAPSHOTS = 30
"""Of a home without contacts. Each snapshot holds every line of its deals: with more of them every other week, or every
third, is enough."""


def build_snapshots(settings: Settings, trained_through: date, run_id: str, say: Callable[[str], None]) -> None:
    """Build core in the training warehouse for the snapshots before `trained_through` and for that day.

    The day itself is there for the labels: they say what landing, cut at that day, knows. It stands alone where landing
    is too young for a snapshot: every question then says what it waits for.
    """
    settings.training_warehouse.unlink(missing_ok=True)
    with connect(settings.training_warehouse, settings) as connection:
        landing.register(connection, settings)
        contacts, deals = (
            first_day(connection, settings, entity, trained_through) for entity in ("interactions", "transactions")
        )
    days = snapshot_days(contacts, deals, trained_through)
    span = f"{len(days)} snapshots from {days[0]} to {days[-1]}" if days else "no snapshot yet"
    say(f"{span}, labels as known at {trained_through}")
    build_core(settings, settings.training_warehouse, [*days, trained_through], run_id)


def build_core(settings: Settings, warehouse: Path, days: Sequence[date], run_id: str) -> None:
    """Build staging and core for any days, from landing alone, in a DuckDB file beside the daily one."""
    assert_rules()
    assert_rates(settings)
    with connect(warehouse, settings) as connection:
        landing.register(connection, settings)
    target = settings.home / "dbt" / f"{warehouse.parent.name}-{run_id[:8]}"
    run_dbt(settings, warehouse, "build", "--select", STAGING, *NO_TESTS, target=target)
    with connect(warehouse, settings) as connection:
        write_scope(connection, settings, days, run_id)
        write_customers(connection, settings, days, directory=False)
    run_dbt(settings, warehouse, "build", "--select", CORE, *NO_TESTS, target=target)
    shutil.rmtree(target)


def first_day(
    connection: duckdb.DuckDBPyConnection, settings: Settings, entity: str, trained_through: date
) -> date | None:
    """Business day of the first row of `interactions` or `transactions` that landing knows by that day's end."""
    found = connection.execute(
        f"SELECT CAST(timezone(?, timezone('UTC', min(occurred_at))) AS DATE) FROM landing.{entity} WHERE known_at < ?",
        [settings.timezone, cutoff_utc(trained_through, settings)],
    ).fetchone()
    return found[0] if found else None


def snapshot_days(contacts: date | None, deals: date | None, trained_through: date) -> list[date]:
    """The days before `trained_through` that models learn from, when contacts and deals begin on these days.

    Month-ends where there are enough of them, else weeks. Weeks are counted from the first contact, and from the first
    deal only where no contact is known: two rows of weeks would double the work.
    """
    of_contacts, of_deals = ([] if first is None else _days_from(first, trained_through) for first in (contacts, deals))
    if contacts is None:
        return of_deals[:: -(-len(of_deals) // MOST_DEAL_SNAPSHOTS) or 1]
    if len(_month_ends(deals, trained_through)) >= MONTHLY_FROM:
        return sorted({*of_contacts, *of_deals})
    return of_contacts


def _days_from(first: date, trained_through: date) -> list[date]:
    months = _month_ends(first, trained_through)
    if len(months) >= MONTHLY_FROM:
        return months[-MONTHS:]
    young = (trained_through - first).days - YOUNG_WARM_UP_DAYS
    return [first + timedelta(days=YOUNG_WARM_UP_DAYS + days) for days in range(0, young, YOUNG_STEP_DAYS)]


def _month_ends(first: date | None, trained_through: date) -> list[date]:
    if first is None:
        return []
    return month_ends(first + timedelta(days=WARM_UP_DAYS), trained_through - timedelta(days=1))


def first_possible(first: date, horizon_days: int) -> date:
    """The day from which a question can be trained and judged, if contacts or deals go on.

    One snapshot to learn from, a later one to judge on whose day is after the first one's label window, and the end of
    that one's window.
    """
    learnt = YOUNG_WARM_UP_DAYS
    judged = learnt + YOUNG_STEP_DAYS * (horizon_days // YOUNG_STEP_DAYS + 1)
    return first + timedelta(days=judged + horizon_days)
