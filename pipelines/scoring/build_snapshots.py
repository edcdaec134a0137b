"""Training snapshots: the daily dbt models, built for past month-ends in a DuckDB file of their own."""

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
from pipelines.transform.rules_check import assert_rules
from pipelines.transform.scope import cutoff_utc, month_ends, write_scope
from pipelines.warehouse import connect

NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
"""The daily run tests the same models on the same rows; here the features gate judges what comes out."""

MONTHS = 24
WARM_UP_DAYS = 90
"""A snapshot needs as much past as its longest window, or its counts are short for want of data, not of events."""


class NothingToLearnFrom(ValueError):
    """Landing cannot give a single snapshot."""


def build_snapshots(settings: Settings, trained_through: date, run_id: str, say: Callable[[str], None]) -> None:
    """Build core in the training warehouse for the month-ends before `trained_through` and for that day.

    The day itself is there for the labels: they say what landing, cut at that day, knows. Raises NothingToLearnFrom
    where landing is too young.
    """
    settings.training_warehouse.unlink(missing_ok=True)
    with connect(settings.training_warehouse, settings) as connection:
        landing.register(connection, settings)
        days = _snapshot_days(connection, settings, trained_through)
    say(f"{len(days) - 1} month-ends from {days[0]} to {days[-2]}, labels as known at {trained_through}")
    build_core(settings, settings.training_warehouse, days, run_id)


def build_core(settings: Settings, warehouse: Path, days: Sequence[date], run_id: str) -> None:
    """Build staging and core for any days, from landing alone, in a DuckDB file beside the daily one."""
    assert_rules()
    with connect(warehouse, settings) as connection:
        landing.register(connection, settings)
        write_scope(connection, settings, days, run_id)
        write_customers(connection, settings, days, directory=False)
    target = settings.home / "dbt" / f"{warehouse.parent.name}-{run_id[:8]}"
    run_dbt(settings, warehouse, "build", "--select", f"{STAGING} {CORE}", *NO_TESTS, target=target)
    shutil.rmtree(target)


def _snapshot_days(connection: duckdb.DuckDBPyConnection, settings: Settings, trained_through: date) -> list[date]:
    first = connection.execute(
        "SELECT min(occurred_at) FROM landing.interactions WHERE known_at < ?", [cutoff_utc(trained_through, settings)]
    ).fetchone()
    if not first or first[0] is None:
        raise NothingToLearnFrom(
            f"landing knows no interaction before the end of {trained_through}: nothing to train on"
        )
    days = month_ends(first[0].date() + timedelta(days=WARM_UP_DAYS), trained_through - timedelta(days=1))[-MONTHS:]
    if not days:
        raise NothingToLearnFrom(
            f"interactions begin on {first[0]:%Y-%m-%d}: there is no month-end between {WARM_UP_DAYS} days later and "
            f"{trained_through}"
        )
    return [*days, trained_through]
