"""What must remember: the grade of each customer on each day, append-only, one folder per day.

A day reads the entries before it and writes its own. The same content is not written twice, so a rerun moves nothing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.publish import entries

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


def write_entry(ledger: Path, as_of: date, grades: pa.Table) -> Path | None:
    """Append the grades of a day. Returns the new file, or null where the day's latest entry says the same."""
    return entries.write_entry(
        ledger / "grades", as_of, grades.select(SCHEMA.names).cast(SCHEMA).sort_by("customer_key")
    )


def entries_before(ledger: Path, as_of: date) -> list[Path]:
    """The latest entry of each day before `as_of`, in order of days."""
    return entries.entries_before(ledger / "grades", as_of)


def register(connection: duckdb.DuckDBPyConnection, ledger: Path, as_of: date) -> None:
    """Make `ledger.grades`: every entry before `as_of`, the first day of a run."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    connection.register("ledger_grades", SCHEMA.empty_table())
    connection.execute("CREATE OR REPLACE TABLE ledger.grades AS SELECT * FROM ledger_grades")
    connection.unregister("ledger_grades")
    paths = [str(path) for path in entries_before(ledger, as_of)]
    if paths:
        connection.execute(
            "INSERT INTO ledger.grades BY NAME "
            "SELECT * FROM read_parquet(?, hive_partitioning = false, union_by_name = true)",
            [paths],
        )
