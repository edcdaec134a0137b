"""The grade and warning of each customer on each day. A run reads earlier days and writes its own day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from pipelines.ledger import entries

SCHEMA = pa.schema(
    [
        ("customer_key", pa.string()),
        ("graded_as_of", pa.date32()),
        ("grade", pa.string()),
        ("score", pa.float64()),
        ("rule_version", pa.string()),
        ("model_version", pa.string()),
        ("warning_level", pa.string()),
    ]
)
"""Grain: customer × graded_as_of. Keys instead of pseudonyms, so that later merges of customers can be followed.
`warning_level`: null if the customer was not scored on the day. Old entries do not have the column."""


def write_grades(ledger: Path, as_of: date, grades: pa.Table) -> Path | None:
    """Append the grades of a day. Returns as `write_entry` does."""
    return entries.write_entry(
        ledger / "grades", as_of, grades.select(SCHEMA.names).cast(SCHEMA).sort_by("customer_key")
    )


def first_graded_day(ledger: Path) -> date | None:
    """Return the first day that has an entry, None if no day was graded. Reads names only."""
    days = [date.fromisoformat(path.name.partition("=")[2]) for path in ledger.glob("grades/as_of=*")]
    return min(days, default=None)


def grades_before(ledger: Path, as_of: date) -> list[Path]:
    """Return the latest entry of each day before `as_of`, oldest first. Raises IntegrityError if one is damaged."""
    return entries.entries_before(ledger / "grades", as_of)
