"""SQL text and query results: quoted names, Parquet files as one relation, single rows."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet_files(paths: Sequence[Path], options: str = "") -> str:
    """SQL that reads these Parquet files as one relation.

    Paths are taken literally: without patterns (`[1]`) and without partition columns (`source=crm/`).
    """
    names = ", ".join(literal(glob.escape(str(path))) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false{options and f', {options}'})"


def first_row(result: duckdb.DuckDBPyConnection) -> tuple[Any, ...]:
    """Return the first row of a query result. Raises LookupError if the result is empty."""
    row = result.fetchone()
    if row is None:
        raise LookupError("expected a row, got an empty result")
    return row


def first_value(result: duckdb.DuckDBPyConnection) -> Any:
    """Return the first column of the first row of a query result. Raises LookupError if the result is empty."""
    return first_row(result)[0]
