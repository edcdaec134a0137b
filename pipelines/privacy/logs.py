"""Removes a person from working files, logs and Dagster's history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from pipelines.home.settings import Settings
from pipelines.home.sql import identifier
from pipelines.privacy.person import Person
from pipelines.privacy.redo import Redo

REBUILT = (
    "warehouse.duckdb",
    "warehouse.duckdb.wal",
    "warehouse.duckdb.tmp",
    "training/warehouse.duckdb",
    "training/warehouse.duckdb.wal",
    "training/warehouse.duckdb.tmp",
    "spark/warehouse",
    "spark/server",
    "restricted.duckdb",
    "restricted.duckdb.wal",
    "restricted_keys.parquet",
    "staged",
)
"""Working files. The next run builds them again from landing."""
TEXT_FOLDERS = ("alerts", "dagster", "data_docs", "dbt", "model_store")


def remove_working_files(settings: Settings, redo: Redo) -> None:
    """Delete the working files: the next run builds them again."""
    for name in REBUILT:
        if (settings.home / name).exists():
            redo.delete(settings.home / name)
            redo.counts["working files deleted, built again by the next run"] += 1


def remove_from_logs(settings: Settings, person: Person, redo: Redo, *, dry_run: bool = False) -> None:
    """Delete lines of logs and rows of Dagster's SQLite files that have a mark of the person.

    Files that are no text and have a mark are named in `redo.left`. `dry_run`: only count the rows of SQLite.
    """
    marks = person.marks()
    for path in _files(settings):
        if path.suffix in (".db", ".db-wal", ".db-shm"):
            if path.suffix == ".db":
                _clean_sqlite(path, marks, redo, dry_run)
            continue
        content = path.read_bytes()
        if not any(mark.encode() in content for mark in marks):
            continue
        if path.suffix in (".err", ".out", ".log", ".complete"):
            lines = [line for line in content.splitlines(keepends=True) if not _has(line, marks)]
            redo.new(path).write_bytes(b"".join(lines))
            redo.counts["logs: files"] += 1
        elif path.is_relative_to(settings.data_docs) or path.is_relative_to(settings.home / "dbt"):
            redo.delete(path)
            redo.counts["logs: files"] += 1
        else:
            redo.left.append(f"{path}: names the person; remove it by hand")


def _files(settings: Settings) -> Iterable[Path]:
    return [
        path
        for name in TEXT_FOLDERS
        for path in sorted((settings.home / name).rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def _has(line: bytes, marks: Iterable[str]) -> bool:
    return any(mark.encode() in line for mark in marks)


def _clean_sqlite(path: Path, marks: list[str], redo: Redo, dry_run: bool) -> None:
    """Delete rows with a mark at once, in one transaction: it can be repeated, so it needs no plan."""
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            table = identifier(name)
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            tests = [f"instr(CAST({identifier(column)} AS TEXT), ?) > 0" for column in columns for _ in marks]
            values = [mark for _ in columns for mark in marks]
            if tests:
                where = f"FROM {table} WHERE {' OR '.join(tests)}"
                gone = connection.execute(f"SELECT count(*) {where}", values).fetchone()[0]
                if gone:
                    redo.counts["Dagster: rows of events and runs"] += gone
                    if not dry_run:
                        connection.execute(f"DELETE {where}", values)
        connection.commit()
        if connection.total_changes:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("VACUUM")
