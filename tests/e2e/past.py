"""A home with a past: a run without enough room, days graded by rules before the first model, two days with a model."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from models.mining.persona_features import persona_features
from pipelines.mining.personas import kept_personas
from pipelines.mining.read import CUSTOMERS, read
from tests.e2e.shortages import Refused, run_with_a_full_spill_folder
from tests.home import LAST_DAY, fingerprint, tierhouse

BEFORE = ("2026-05-31", "2026-06-23")
"""A month-end and a later day, both before the day through which the demo's model was trained."""
NEXT_DAY = "2026-07-01"


class Past(NamedTuple):
    """`full`: the run without room to spill, before all others. `output`, `live`, `days`: what the backfill of
    BEFORE printed, left live and wrote to the ledger. `recorded`: the partitions of `published_version` in Dagster
    then. `personas`: `kept_share` of the last two days."""

    home: Path
    full: Refused | None
    output: str
    live: dict[str, str]
    days: list[str]
    recorded: set[str]
    personas: tuple[int, float]


def give_past(home: Path) -> Past:
    """Fail for want of room in a copy of the demo, grade BEFORE, and then the last day again with the next one."""
    full = run_with_a_full_spill_folder(home)
    output = tierhouse(home, "backfill", *BEFORE, "--month-ends").stderr
    live, days, recorded = fingerprint(home / "published" / "current"), graded_days(home), recorded_days(home)
    tierhouse(home, "backfill", LAST_DAY, NEXT_DAY)
    personas = kept_share(home, date.fromisoformat(LAST_DAY), date.fromisoformat(NEXT_DAY))
    return Past(home, full, output, live, days, recorded, personas)


def graded_days(home: Path, entries: str = "grades") -> list[str]:
    return sorted(folder.name.removeprefix("as_of=") for folder in (home / "ledger" / entries).iterdir())


def recorded_days(home: Path) -> set[str]:
    """The partitions of `published_version` that Dagster shows as materialised."""
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs" / "index.db")) as connection:
        rows = connection.execute(
            "SELECT DISTINCT partition FROM event_logs "
            "WHERE dagster_event_type = 'ASSET_MATERIALIZATION' AND asset_key = '[\"published_version\"]'"
        ).fetchall()
    return {row[0] for row in rows}


def kept_share(home, day, next_day):
    """Number of customers without a new event between two days, and the share of them with the same persona."""
    segments, events = {}, {}
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        for each in (day, next_day):
            customers = read(connection, CUSTOMERS, each)
            personas = kept_personas(home / "ledger", each + pd.Timedelta(days=1))
            segments[each] = personas.assign(persona_features(customers))["persona_id"]
            leads = connection.execute(
                "SELECT customer_key, lead_records FROM core.customer_features WHERE as_of = ?", [each]
            ).df()
            by_key = customers.merge(leads, on="customer_key").set_index("customer_key").sort_index()
            events[each] = by_key[["customer_events_total", "subscriptions_total", "frequency", "lead_records"]]
    before, after = events[day].align(events[next_day], join="inner")
    quiet = before.index[before.eq(after).all(axis="columns")]
    return len(quiet), segments[day][quiet].eq(segments[next_day][quiet]).mean()
