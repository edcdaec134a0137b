"""The first business day on which landing has a lead, and how many rows landing has."""

from __future__ import annotations

from datetime import UTC, date

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.landing.live_rows import live_rows
from pipelines.ingest.landing.manifests import committed

FIRST_LEAD = "SELECT min(greatest(created_at, known_at)) FROM ({leads})"
"""UTC time at which the first lead had come and was known. `known_at` is null for rows that were always known."""


def live_leads(settings: Settings) -> str | None:
    """Return SQL of `created_at` and `known_at` of all lead row versions, None if landing has no lead."""
    return live_rows(settings, committed(settings), "leads", ["created_at", "known_at"])


def first_lead_day(connection: duckdb.DuckDBPyConnection, settings: Settings, leads: str | None) -> date | None:
    """Return the first business day that has a customer, None if there is no lead. `leads`: see `live_leads`."""
    moment = first_value(connection.execute(FIRST_LEAD.format(leads=leads))) if leads else None
    return moment and moment.replace(tzinfo=UTC).astimezone(settings.zone).date()


def count_rows(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, int]:
    """Return the number of row versions of each entity. Parquet footers have it, so no row is read."""
    batches = committed(settings)
    rows = {name: live_rows(settings, batches, name, ["row_key"]) for name in ENTITIES}
    return {
        name: first_value(connection.execute(f"SELECT count(*) FROM ({body})")) if body else 0
        for name, body in rows.items()
    }
