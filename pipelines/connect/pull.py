"""Pulls the tables of a connection into `pulled/<connection>/<table>/<number>.parquet`.

The files are the only state: the cursor, the known keys and their content are read from them. A pull renames one
finished file into place, so a pull that is interrupted anywhere has done nothing, and the next one begins as it did.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.connect.compare import Comparison
from pipelines.connect.connection import Connection, Table, find_connection
from pipelines.connect.errors import ConnectError
from pipelines.connect.reader import Reader
from pipelines.home.durable import move_into_place, remove
from pipelines.home.settings import Settings
from pipelines.ingest.engine import open_engine

PARTIAL = ".partial"


@dataclass(frozen=True)
class TableReport:
    """What one pull of a table committed. `file` is None if nothing changed; `notes`: what a user should know."""

    table: str
    changed: int
    deleted: int
    file: Path | None
    notes: tuple[str, ...] = ()


def pull(
    settings: Settings,
    name: str,
    say: Callable[[TableReport], object] | None = None,
    *,
    full: bool = False,
    accept_deletions: bool = False,
) -> list[TableReport]:
    """Pull all tables of a connection; `say` receives each report once its file is committed.

    `full` reads all rows instead of those behind the cursor. Raises MappingError for faults of the file; ConnectError
    for the first table that fails, after the other tables were pulled.
    """
    connection = find_connection(settings, name)
    folder = settings.pulled / name
    folder.mkdir(parents=True, exist_ok=True)
    reports, failed = [], []
    with _locked(folder, name):
        reader = make_reader(connection)
        for table in connection.tables:
            try:
                report = _pull_table(settings, connection, reader, table, full, accept_deletions)
            except ConnectError as error:
                failed.append(error)
                continue
            if say:
                say(report)
            reports.append(report)
    if failed:
        raise failed[0] if len(failed) == 1 else ConnectError("; ".join(map(str, failed)))
    return reports


def make_reader(connection: Connection) -> Reader:
    """Return the reader of the connection's kind. Raises ConnectError if a secret is missing."""
    if connection.kind == "database":
        from pipelines.connect.databases import DatabaseReader

        return DatabaseReader(connection)
    if connection.kind == "zoho":
        from pipelines.connect.zoho import ZohoReader

        return ZohoReader(connection)
    from pipelines.connect.fxiaoke import FxiaokeReader

    return FxiaokeReader(connection)


def _pull_table(
    settings: Settings, connection: Connection, reader: Reader, table: Table, full: bool, accept_deletions: bool
) -> TableReport:
    """Read, compare and commit one table. Raises ConnectError before anything is committed."""
    folder = settings.pulled / connection.name / table.name
    work = folder / PARTIAL
    remove(work)
    work.mkdir(parents=True)
    files = sorted(folder.glob("[0-9]*.parquet"))
    began = datetime.now(UTC)
    try:
        with open_engine(settings, [folder], work / "spill") as engine:
            comparison = Comparison(engine, table, files, work)
            _assert_columns(connection, table, comparison.known_columns, reader.columns(table))
            since = None if full else comparison.since()
            comparison.add_fetched(reader.changed(table, since))
            is_whole = since is None and reader.is_snapshot
            scan = None if is_whole else reader.keys(table)
            if is_whole:
                comparison.scan_fetched()
            elif scan is not None:
                comparison.add_scan(scan)
                for keys in comparison.missed(reader.keys_at_once):
                    comparison.add_fetched(reader.by_keys(table, keys))
            else:
                comparison.add_deleted(reader.deleted(table, since))
            notes = comparison.notes()
            known, vanished = comparison.vanished()
            if vanished * 2 > known >= MANY_ROWS and not accept_deletions:
                reason = (
                    f"{vanished:,} of {known:,} known rows are gone there: nothing was committed. If they were really "
                    f"deleted: tierhouse pull {connection.name} --accept-deletions"
                )
                raise ConnectError(reason, file=connection.file.name, line=table.line, field=f"tables.{table.name}")
            changed = comparison.write(work / "rows.parquet", began)
        file = None
        if changed or vanished:
            last = int(files[-1].stem) if files else 0
            file = folder / f"{last + 1:06d}.parquet"
            move_into_place(work / "rows.parquet", file)
    finally:
        remove(work)
    return TableReport(table.name, changed, vanished, file, tuple(notes))


MANY_ROWS = 20
"""A pull that would delete more than half of this many known rows or more needs a confirmation."""


def _assert_columns(connection: Connection, table: Table, known: list[str], found: list[str]) -> None:
    """Raise ConnectError if a column that earlier pulls read is gone. Values would silently become null."""
    gone = [name for name in known if name not in found and name not in table.without]
    if gone:
        option = "remove its folder from `pulled` to begin anew" if table.fields else f"add `without: [{gone[0]}]`"
        reason = (
            f"column {gone[0]!r} of earlier pulls is gone; found {', '.join(found)}. Nothing was committed. Restore "
            f"the column, or {option}"
        )
        raise ConnectError(reason, file=connection.file.name, line=table.line, field=f"tables.{table.name}")


@contextmanager
def _locked(folder: Path, name: str) -> Generator[None]:
    """Let one pull of a connection run at a time. The kernel releases the lock of a killed process."""
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConnectError(f"another pull of {name} is running: wait for its end") from error
        yield
