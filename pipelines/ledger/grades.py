"""The grade and warning of each customer on each day. A day reads the days before it and writes its own."""

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
"""Grain: customer × graded_as_of. Keys, not pseudonyms, so that a later merge can be followed.
`warning_level`: null unless the customer was scored that day; entries of before it was kept have none."""


def write_grades(ledger: Path, as_of: date, grades: pa.Table) -> Path | None:
    """Append the grades of a day. Returns the new file, or null where the day's latest entry says the same."""
    return entries.write_entry(
        ledger / "grades", as_of, grades.select(SCHEMA.names).cast(SCHEMA).sort_by("customer_key")
    )


def grades_before(ledger: Path, as_of: date) -> list[Path]:
    """The latest entry of each day before `as_of`, in order of days."""
    return entries.entries_before(ledger / "grades", as_of)
