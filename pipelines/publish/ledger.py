"""What must remember: the grade of each customer and the win-back cases of each day, append-only, one folder per day.

A day reads the entries before it and writes its own. The same content is not written twice, so a rerun moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.ingest.expressions import parquet_files
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

CASES = pa.schema(
    [
        ("as_of", pa.date32()),
        ("case_id", pa.string()),
        ("customer_key", pa.string()),
        ("opened_on", pa.date32()),
        ("level", pa.string()),
        ("likely_cause", pa.string()),
        ("action", pa.string()),
        ("owner_agent_id", pa.string()),
        ("due_on", pa.date32()),
        ("arm", pa.string()),
        ("status", pa.string()),
        ("closed_on", pa.date32()),
        ("outcome", pa.string()),
    ]
)
"""Grain: case × as_of, from the day it is opened to the end of its window. `customer_key`: that of the opening.
A run reads only how a case was opened; what became of it is written for whoever audits a day."""


def write_entry(ledger: Path, as_of: date, grades: pa.Table) -> Path | None:
    """Append the grades of a day. Returns the new file, or null where the day's latest entry says the same."""
    return entries.write_entry(
        ledger / "grades", as_of, grades.select(SCHEMA.names).cast(SCHEMA).sort_by("customer_key")
    )


def write_cases(ledger: Path, as_of: date, cases: pa.Table) -> Path | None:
    """Append the cases of a day as they stood at its end. Returns as `write_entry` does."""
    return entries.write_entry(ledger / "cases", as_of, cases.select(CASES.names).cast(CASES).sort_by("case_id"))


def entries_before(ledger: Path, as_of: date) -> list[Path]:
    """The latest entry of each day before `as_of`, in order of days."""
    return entries.entries_before(ledger / "grades", as_of)


def register(connection: duckdb.DuckDBPyConnection, ledger: Path, as_of: date) -> None:
    """Make `ledger.grades` and `ledger.cases` of every entry before `as_of`, the first day of a run.

    A case stands in `ledger.cases` once, as the entry of its opening day has it. A case that only entries of later days
    have was opened by a grading of that day which another one has replaced: it never was.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    _load(connection, "ledger.grades", SCHEMA, entries_before(ledger, as_of))
    _load(connection, "ledger.cases", CASES, entries.entries_before(ledger / "cases", as_of))
    connection.execute("CREATE OR REPLACE TABLE ledger.cases AS SELECT * FROM ledger.cases WHERE as_of = opened_on")


def _load(connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, paths: Sequence[Path]) -> None:
    connection.register("ledger_schema", schema.empty_table())
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM ledger_schema")
    connection.unregister("ledger_schema")
    if paths:
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT * FROM {parquet_files(paths, 'union_by_name = true')}",
        )
