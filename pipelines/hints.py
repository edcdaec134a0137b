"""What a run tells its reader beside grades: sources that went silent, and what to map next."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.settings import Settings
from pipelines.transform.scope import cutoff_utc

SILENT_DAYS = 14
"""A source without a new row for this long is asked about. Shorter silences are long holidays."""
EMPTY_SHARE = 0.95
"""A column that is empty in this share of leads tells nobody apart."""

SILENT = {"interactions": ("interaction", "occurred_at"), "leads": ("new lead", "created_at")}

FIELDS = {
    "budget_max": "budget (budget_min, budget_max): large and small deals get different values",
    "demand_type": "demand type (demand_type): buyers, tenants and investors get rates and margins of their own",
    "channel": "channel (channel): the model of intent compares new leads of one channel with each other",
}
ENTITIES = {
    "interactions": "contacts (interactions): silence, warnings, follow-ups and the models rest on them",
    "transactions": "deals (transactions): rates and margins come from your own past instead of assumed ones",
}


def silent_sources(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> list[str]:
    """A line per source and entity whose rows end at least SILENT_DAYS before the day, as known by its end."""
    cutoff, lines = cutoff_utc(as_of, settings), []
    for entity, (noun, happened) in SILENT.items():
        last = connection.execute(
            f"SELECT source, CAST(timezone(?, timezone('UTC', max({happened}))) AS DATE) AS last_on "
            f"FROM landing.{entity} WHERE known_at < ? AND {happened} < ? GROUP BY source ORDER BY source",
            [settings.timezone, cutoff, cutoff],
        ).fetchall()
        lines += [
            f"{source}: no {noun} known after {last_on}: has the source stopped?"
            for source, last_on in last
            if (as_of - last_on).days >= SILENT_DAYS
        ]
    return lines


def map_next(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """What would tell customers apart and is empty in landing, each with what it would bring."""
    shares = ", ".join(f"avg(CAST({field} IS NULL AS INTEGER))" for field in FIELDS)
    found = connection.execute(f"SELECT {shares} FROM landing.leads").fetchone() or ()
    missing = [gain for gain, share in zip(FIELDS.values(), found, strict=True) if (share or 0) >= EMPTY_SHARE]
    for entity, gain in ENTITIES.items():
        if not connection.execute(f"SELECT 1 FROM landing.{entity} LIMIT 1").fetchone():
            missing.append(gain)
    return missing
