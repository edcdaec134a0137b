"""The first business day on which landing has a lead."""

from __future__ import annotations

from datetime import UTC, date

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import first_value

FIRST_LEAD = "SELECT min(greatest(created_at, known_at)) FROM landing.leads"
"""UTC time at which the first lead had come and was known. `known_at` is null for rows that were always known."""


def first_lead_day(connection: duckdb.DuckDBPyConnection, settings: Settings) -> date | None:
    """Return the first business day that has a customer, None if landing has no lead. Needs `register`."""
    moment = first_value(connection.execute(FIRST_LEAD))
    return moment and moment.replace(tzinfo=UTC).astimezone(settings.zone).date()
