"""Entries of the ledger: one folder per day, append-only. The same content is not written twice."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.durable import move_into_place, sync


def write_entry(book: Path, as_of: date, rows: pa.Table) -> Path | None:
    """Append the rows of a day. Returns the new file, or null where the day's latest entry says the same."""
    rows = rows.combine_chunks()
    folder = book / f"as_of={as_of}"
    digest = _digest(rows)
    latest = _latest(folder)
    if latest and latest.stem.endswith(digest):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    sequence = int(latest.stem.split("-")[0]) + 1 if latest else 1
    path = folder / f"{sequence:04d}-{digest}.parquet"
    partial = folder / f".{path.name}.partial"
    pq.write_table(rows, partial, compression="zstd")
    move_into_place(partial, path)
    sync(folder.parent)
    return path


def entries_before(book: Path, as_of: date) -> list[Path]:
    """The latest entry of each day before `as_of`, in order of days."""
    folders = sorted(book.glob("as_of=*"))
    latest = [_latest(folder) for folder in folders if folder.name < f"as_of={as_of}"]
    return [path for path in latest if path]


def _latest(folder: Path) -> Path | None:
    return max(folder.glob("[0-9]*.parquet"), default=None)


def _digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()[:12]
