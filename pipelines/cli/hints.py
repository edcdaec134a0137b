"""Hints after a run: currencies without a rate, masked columns, and what to map next."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import first_row
from pipelines.rules.version import RULES
from pipelines.transform.scope import cutoff_utc

EMPTY_SHARE = 0.95
"""A column that is empty in this share of leads is reported as missing."""
MASKED_SHARE = 0.25
"""A column of which this share is masked is reported."""

WITHOUT_RATE = """
WITH amounts AS (
    SELECT 'deals' AS entity, currency, occurred_at AS happened, known_at
    FROM landing.transactions WHERE amount IS NOT NULL
    UNION ALL
    SELECT 'budgets' AS entity, currency, created_at AS happened, known_at
    FROM landing.leads WHERE coalesce(budget_min, budget_max) IS NOT NULL
),

first_rates AS (
    SELECT currency, min(valid_from) AS valid_from FROM intermediate.int_fx_rates GROUP BY currency
)

SELECT amounts.entity, amounts.currency, count(*)
FROM amounts LEFT JOIN first_rates USING (currency)
WHERE amounts.known_at < ? AND (first_rates.valid_from IS NULL OR amounts.happened < first_rates.valid_from)
GROUP BY amounts.entity, amounts.currency
ORDER BY amounts.entity DESC, amounts.currency
"""

MASKED = "intermediate.int_masked_texts"

FIELDS = {
    "budget_max": "budget (budget_min, budget_max): large and small deals get different values",
    "demand_type": "demand type (demand_type): buyers, tenants and investors get rates and margins of their own",
    "channel": "channel (channel): the model of intent compares new leads of one channel with each other",
}
ENTITIES = {
    "interactions": "contacts (interactions): silence, warnings, follow-ups and the models need them",
    "transactions": "deals (transactions): rates and margins then come from your own past, not from defaults",
}


def missing_rates(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> list[str]:
    """Return a line per entity and currency with known amounts that have no exchange rate on the day."""
    rows = connection.execute(WITHOUT_RATE, [cutoff_utc(as_of, settings)]).fetchall()
    return [
        f"{currency}: no rate ({entity}, rows: {rows:,}): these amounts are in no sum until {settings.fx_rates} has one"
        for entity, currency, rows in rows
    ]


def masked_texts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a line per column with many masked texts, with the way to show them. Empty before the first build."""
    if not connection.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema || '.' || table_name = ?", [MASKED]
    ).fetchone():
        return []
    rows = connection.execute(
        f"SELECT entity, substr(rule, 8), rows_failed, rows_checked FROM {MASKED} "
        "WHERE rule NOT LIKE '%\\_id' ESCAPE '\\' AND rows_failed >= ? * rows_checked ORDER BY ALL",
        [MASKED_SHARE],
    ).fetchall()
    return [
        f"{entity}.{field}: {masked:,} of {checked:,} texts are masked: few records have them, or they look like "
        f"a contact or a name. To show the labels among them, list them in {RULES / 'published_texts.csv'}"
        for entity, field, masked, checked in rows
    ]


def map_next(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the fields and entities that are empty in landing and would improve grades, each with its benefit."""
    shares = ", ".join(f"avg(CAST({field} IS NULL AS INTEGER))" for field in FIELDS)
    empty = first_row(connection.execute(f"SELECT {shares} FROM landing.leads"))
    missing = [gain for gain, share in zip(FIELDS.values(), empty, strict=True) if (share or 0) >= EMPTY_SHARE]
    for entity, gain in ENTITIES.items():
        if not connection.execute(f"SELECT 1 FROM landing.{entity} LIMIT 1").fetchone():
            missing.append(gain)
    return missing
