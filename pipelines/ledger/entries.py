"""Entries of the ledger: one folder per day, append-only. The same content is not written twice."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.home.durable import move_into_place, sync
from pipelines.integrity.check import assert_files, files_of, is_whole
from pipelines.integrity.log import changing
from pipelines.integrity.places import LEDGER


def write_entry(book: Path, as_of: date, rows: pa.Table) -> Path | None:
    """Append the rows of a day. Returns the new file, or None if the latest entry of the day has the same rows.

    `book`: `<home>/ledger/<name>`. A damaged entry of the day is written again.
    """
    home, rows = _home_of(book), rows.combine_chunks()
    folder = book / f"as_of={as_of}"
    digest = _digest(rows)
    latest = max(folder.glob("[0-9]*.parquet"), default=None)
    is_same = latest is not None and latest.stem.endswith(digest)
    if is_same and is_whole(home, latest):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    sequence = (int(latest.stem.split("-")[0]) if latest else 0) + (not is_same)
    path = folder / f"{sequence:04d}-{digest}.parquet"
    partial = folder / f".{path.name}.partial"
    pq.write_table(rows, partial, compression="zstd")
    with changing(home, path):
        move_into_place(partial, path)
    sync(folder.parent)
    return path


def entry_name(path: Path, rows: pa.Table) -> str:
    """Return the name of an entry that gets other rows: its number stays, and the hash follows the rows."""
    return f"{path.stem.split('-')[0]}-{_digest(rows.combine_chunks())}.parquet"


def entries_before(book: Path, as_of: date) -> list[Path]:
    """Return the latest entry of each day before `as_of`, oldest first. Raises IntegrityError if one is damaged."""
    home = _home_of(book)
    latest: dict[Path, Path] = {}
    for path in files_of(home, LEDGER):
        if path.parent.parent == book and path.parent.name < f"as_of={as_of}":
            latest[path.parent] = path
    assert_files(home, latest.values())
    return [latest[folder] for folder in sorted(latest)]


def _home_of(book: Path) -> Path:
    return book.parents[1]


def _digest(table: pa.Table) -> str:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()[:12]
