"""What must remember: the grade of each customer on each day, append-only, one folder per day.

A day reads the entries before it and writes its own. The same content is not written twice, so a rerun moves nothing.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.durable import move_into_place, sync

SCHEMA = pa.schema(
    [
        ("customer_key", pa.string()),
        ("graded_as_of", pa.date32()),
        ("grade", pa.string()),
        ("score", pa.float64()),
        ("rule_version", pa.string()),
        ("model_version", pa.string()),
    ]
)
"""Grain: customer × graded_as_of. Keys, not pseudonyms, so that a later merge can be followed."""


def write_entry(ledger: Path, as_of: date, grades: pa.Table) -> Path | None:
    """Append the grades of a day. Returns the new file, or null where the day's latest entry says the same."""
    grades = grades.select(SCHEMA.names).cast(SCHEMA).sort_by("customer_key").combine_chunks()
    folder = ledger / "grades" / f"as_of={as_of}"
    digest = _digest(grades)
    latest = _latest(folder)
    if latest and latest.stem.endswith(digest):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    sequence = int(latest.stem.split("-")[0]) + 1 if latest else 1
    path = folder / f"{sequence:04d}-{digest}.parquet"
    partial = folder / f".{path.name}.partial"
    pq.write_table(grades, partial, compression="zstd")
    move_into_place(partial, path)
    sync(folder.parent)
    return path


def entries_before(ledger: Path, as_of: date) -> list[Path]:
    """The latest entry of each day before `as_of`, in order of days."""
    folders = sorted((ledger / "grades").glob("as_of=*"))
    latest = [_latest(folder) for folder in folders if folder.name < f"as_of={as_of}"]
    return [path for path in latest if path]


def register(connection: duckdb.DuckDBPyConnection, ledger: Path, as_of: date) -> None:
    """Make `ledger.grades`: every entry before `as_of`, the first day of a run."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS ledger")
    connection.register("ledger_grades", SCHEMA.empty_table())
    connection.execute("CREATE OR REPLACE TABLE ledger.grades AS SELECT * FROM ledger_grades")
    connection.unregister("ledger_grades")
    paths = [str(path) for path in entries_before(ledger, as_of)]
    if paths:
        connection.execute(
            "INSERT INTO ledger.grades SELECT * FROM read_parquet(?, hive_partitioning = false)", [paths]
        )


def _latest(folder: Path) -> Path | None:
    return max(folder.glob("[0-9]*.parquet"), default=None)


def _digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()[:12]
