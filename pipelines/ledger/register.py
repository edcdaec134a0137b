"""The ledger as tables of the warehouse, for dbt and scoring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.home.sql import parquet_files
from pipelines.ledger import cases, entries, grades


def register_ledger(connection: duckdb.DuckDBPyConnection, ledger: Path, as_of: date) -> None:
    """Fill `ledger.grades` and `ledger.cases` with the entries before `as_of`, the first day of a run.

    `ledger.cases` has one row per case, from the entry of its opening day. A case that is only in entries of later days
    is left out: a second grading of its opening day has replaced the one that opened it.
    """
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    _load(connection, "ledger.grades", grades.SCHEMA, grades.grades_before(ledger, as_of))
    _load(connection, "ledger.cases", cases.CASES, entries.entries_before(ledger / "cases", as_of))
    connection.execute("CREATE OR REPLACE TABLE ledger.cases AS SELECT * FROM ledger.cases WHERE as_of = opened_on")


def _load(connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, paths: Sequence[Path]) -> None:
    connection.register("ledger_schema", schema.empty_table())
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM ledger_schema")
    connection.unregister("ledger_schema")
    if paths:
        connection.execute(
            f"INSERT INTO {table} BY NAME SELECT * FROM {parquet_files(paths, 'union_by_name = true')}",
        )
