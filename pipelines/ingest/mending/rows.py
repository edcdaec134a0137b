"""What is in quarantine, over all batches of the home, and its rows in the columns of their file."""

from __future__ import annotations

import csv
import glob
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import literal, parquet_files
from pipelines.ingest.errors import IngestError
from pipelines.ingest.landing.manifests import committed
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.ingest.reading.files import format_of, identify, read_head
from pipelines.ingest.reading.header import read_header
from pipelines.ingest.reading.mended import MENDED, ORIGIN, entry_of
from pipelines.ingest.reading.sheets import SheetReader

PROBLEM = "problem"
"""Column with the broken rules of a row, after those of `ORIGIN`."""


FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""First characters of a cell that a spreadsheet runs as a formula, and the apostrophe that escapes them."""


@dataclass(frozen=True)
class Group:
    """Quarantined rows of one file that break the same rule first.

    `rows` counts a row once for each entity. `mended`: those of them that were corrected since. `line`: of the first.
    """

    batch: str
    file: str
    entity: str
    rule: str
    field: str | None
    rows: int
    mended: int
    line: int


def groups(settings: Settings, source: str | None = None) -> list[Group]:
    """Return the quarantined rows of the committed batches, newest batch first, most rows first.

    A row is mended if a corrected row for it is in landing, or for a row of the same file with the same text: an export
    that brings the faulty line again counts no second fault.
    """
    batches = [batch for batch in committed(settings) if batch.faults and source in (None, batch.source)]
    if not batches:
        return []
    files = [settings.quarantine / f"{batch.batch}.parquet" for batch in batches]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW quarantined AS SELECT * FROM {parquet_files(files)}")
        connection.execute("CREATE TABLE orders (batch VARCHAR, number INTEGER)")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?)", [(batch.batch, at) for at, batch in enumerate(batches)]
        )
        _create_mended(connection, settings)
        rows = connection.execute("""
            WITH texts AS (
                SELECT DISTINCT quarantined.source, quarantined.file, quarantined.text
                FROM quarantined JOIN mended
                    ON quarantined.batch = mended.batch AND quarantined.file = mended.file
                    AND quarantined.line = mended.line
            )
            SELECT batch, file, entity, rule, field, count(*), count(texts.text), min(line)
            FROM quarantined JOIN orders USING (batch) LEFT JOIN texts USING (source, file, text)
            GROUP BY batch, number, file, entity, rule, field
            ORDER BY number DESC, count(*) DESC, file, entity, rule, field
        """).fetchall()
    return [Group(*row) for row in rows]


def _create_mended(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create the table `mended`: which rows the files of corrected rows in landing correct."""
    connection.execute("CREATE TABLE mended (batch VARCHAR, file VARCHAR, line BIGINT)")
    for batch in committed(settings):
        for record in batch.files:
            path = settings.mended / batch.source / record.file.removeprefix(MENDED)
            if record.file.startswith(MENDED) and path.exists():
                rows = f"read_csv({literal(glob.escape(str(path)))}, header = true, all_varchar = true)"
                connection.execute(f"INSERT INTO mended SELECT {', '.join(ORIGIN)} FROM {rows}")


def find_batch(settings: Settings, batch: str) -> tuple[str, Path]:
    """Return source and quarantine file of a committed batch. Raises IngestError."""
    found = next((each for each in committed(settings) if each.batch == batch), None)
    if found is None:
        raise IngestError(
            f"no committed batch {batch!r}: `tierhouse quarantine list` shows those with quarantined rows"
        )
    if not found.faults:
        raise IngestError(f"{batch} has no quarantined row")
    return found.source, settings.quarantine / f"{batch}.parquet"


@dataclass(frozen=True)
class Line:
    """A quarantined line with its faults. `text`: as the file has it."""

    file: str
    line: int
    entity: str
    message: str
    text: str


def lines_of(quarantine: Path, file: str | None = None, limit: int | None = None) -> list[Line]:
    """Return the rows of a quarantine file, of one file of the source or of all, by file, line and entity."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT file, line, entity, message, text FROM {parquet_files([quarantine])} "
            "WHERE ? IS NULL OR file = ? ORDER BY file, line, entity LIMIT ?",
            [file, file, limit],
        ).fetchall()
    return [Line(*row) for row in rows]


def write_rows(mapping: SourceMapping, batch: str, lines: Sequence[Line], target: Path) -> int:
    """Write the quarantined lines of one file as CSV (UTF-8, mode 0600), to be corrected. Returns their number.

    Columns: those of `ORIGIN`, `problem`, and the columns of the file. A line that breaks rules of several entities is
    one row. Raises IngestError if the file or its entry is gone, and FileRefused if its header cannot be read.
    """
    [name] = {line.file for line in lines}
    entry = entry_of(mapping, name)
    if entry is None:
        raise IngestError(f"{name}: expected an entry of the mapping {mapping.mapping_file.name} for it, found none")
    problems: dict[int, list[str]] = {}
    for line in lines:
        problems.setdefault(line.line, []).append(f"{line.entity}: {line.message}")
    texts = {line.line: line.text for line in lines}
    if not any(texts.values()):
        raise IngestError(
            f"{batch}: the texts of its lines were removed at the end of their retention period: correct the rows in "
            "the source and send them again"
        )
    columns, cells = _columns(mapping, entry, name, texts)
    target.touch(mode=0o600)
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*ORIGIN, PROBLEM, *columns])
        for number, values in cells:
            row = (values + [""] * len(columns))[: len(columns)]
            writer.writerow([batch, name, number, "; ".join(problems[number]), *map(escaped, row)])
    return len(problems)


def _columns(
    mapping: SourceMapping, entry: FileMapping, name: str, texts: Mapping[int, str]
) -> tuple[Sequence[str], Iterator[tuple[int, list[str]]]]:
    """Return the columns of a file, and the values of each line."""
    path, mark, sheet = name.rpartition(".xlsx#")
    path = f"{path}.xlsx" if mark else name
    form = format_of(path, entry)
    if form == "parquet":
        rows = {number: json.loads(text) for number, text in texts.items()}
        columns = list(dict.fromkeys(column for row in rows.values() for column in row))
        return columns, ((at, [_shown(row.get(column)) for column in columns]) for at, row in rows.items())
    place = mapping.root / path
    if not place.exists():
        raise IngestError(f"{place} is gone, and with it the names of its columns: put the file back")
    [file] = identify(mapping, entry, place, (sheet if mark else None,))
    if form == "xlsx":
        return SheetReader(file).columns, ((number, text.split("\t")) for number, text in texts.items())
    columns, _ = read_header(file, read_head(file))
    if form == "text":
        return columns, ((number, text.split()) for number, text in texts.items())
    delimiter = file.mapping.delimiter
    return columns, (
        (number, next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
        for number, text in texts.items()
    )


def escaped(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would run, or that begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unescaped(cell: str) -> str:
    return cell.removeprefix("'")


def _shown(value: object) -> str:
    return "" if value is None else str(value)
