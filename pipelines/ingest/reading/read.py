"""One file → the DuckDB view `raw`: one row per record, all columns text, blank as null."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.home.sql import first_row, first_value, identifier, literal, parquet_files
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading.ahead import read_ahead
from pipelines.ingest.reading.bounds import MAX_BLANK_ROWS, MAX_ROWS_PER_BYTE, PARQUET_FREE_ROWS
from pipelines.ingest.reading.files import MARK, READ_ERRORS, SourceFile, open_bytes, read_head, refuse_unreadable
from pipelines.ingest.reading.header import checked_names, read_header
from pipelines.ingest.reading.sheets import SheetReader
from pipelines.ingest.reading.text import BadRow, TextReader

ROWS_AT_ONCE = 500_000
NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U")
WHITE_SPACE = " \t\r\n\u00a0\u3000"
Check = Callable[[Sequence[str], frozenset[str]], None]
"""Receives the columns of a file, and those of its columns that have a number type instead of text."""


@dataclass(frozen=True)
class RawFile:
    """Result of reading a file: column names, number of records in `raw`, and records that no entity can use.

    `is_open`: the file ends within its last line.
    """

    columns: tuple[str, ...]
    rows: int
    bad_rows: tuple[BadRow, ...]
    is_open: bool = False


def read_file(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    scratch: Path,
    check: Check,
    progress: Callable[[str], None],
    use: Callable[[], object] | None = None,
) -> RawFile:
    """Define `raw` (__line: 1-based line, or row of a Parquet file or sheet; __span: number of lines; columns).

    `use` is called for each portion of the file, which `raw` then shows. Without `use`, `raw` shows the whole file at
    the end. `check` is called once, while `raw` has columns but no rows, and may raise FileRefused before anything is
    read. Raises FileRefused for a fault in the file, after `use` was called for the portions before the fault.
    """
    read = READERS[file.mapping.format]
    connection.execute("DROP TABLE IF EXISTS whole")
    raw = read(connection, file, scratch, check, progress, use or (lambda: _append_to_whole(connection)))
    if not raw.rows and not raw.bad_rows:
        raise FileRefused(file.name, "expected rows below the header, found none", line=1)
    if use is None and raw.rows:
        raw = _without_cut_off(connection, raw) if raw.is_open else raw
        _show(connection, "FROM whole")
    elif use is None:
        _show_columns(connection, raw.columns)
    return raw


def _show(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP VIEW raw AS {query}")


def _show_columns(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    body = ", ".join(f"CAST(NULL AS VARCHAR) AS {identifier(name)}" for name in columns)
    _show(connection, f"SELECT 0::BIGINT AS __line, 0::BIGINT AS __span, {body} WHERE false")


def _append_to_whole(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS whole AS FROM raw LIMIT 0")
    connection.execute("INSERT INTO whole FROM raw")


def _read_records(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    _scratch: Path,
    check: Check,
    progress: Callable[[str], None],
    use: Callable[[], object],
) -> RawFile:
    """Show each portion of a text file or a sheet as `raw`, and read the next portion meanwhile."""
    is_sheet = file.mapping.format == "xlsx"
    reader = SheetReader(file) if is_sheet else TextReader(file, *read_header(file, read_head(file)))
    _show_columns(connection, reader.columns)
    check(reader.columns, frozenset())
    rows, blank = 0, 0
    unreadable: list[BadRow] = []
    with closing(read_ahead(_gathered(reader.batches()))) as portions:
        for portion in portions:
            connection.register("incoming", portion)
            try:
                shown, broken = _show_portion(connection, file, portion, reader.columns, marked=reader.marked)
                use()
            finally:
                connection.unregister("incoming")
            rows += shown
            blank += portion.num_rows - shown
            if blank > MAX_BLANK_ROWS + rows:
                raise FileRefused(file.name, f"expected at most {MAX_BLANK_ROWS:,} blank rows, found more")
            unreadable += broken
            if portion.num_rows >= ROWS_AT_ONCE:
                progress(f"{file.name}: {rows:,} rows read")
    return RawFile(tuple(reader.columns), rows, (*reader.bad_rows, *unreadable), reader.is_open)


def _without_cut_off(connection: duckdb.DuckDBPyConnection, raw: RawFile) -> RawFile:
    """Delete the last record from `whole` if the file may be cut off within it.

    Content identifies the rows of such a file: the record would be one row now, and another row once the file is
    complete.
    """
    length = f"length(coalesce({identifier(raw.columns[-1])}, ''))"
    line, span, is_short = first_row(
        connection.execute(
            "WITH last AS (SELECT max(__line) AS line FROM whole) "
            f"SELECT max_by(__line, __line), max_by(__span, __line), "
            f"max_by({length}, __line) < min({length}) FILTER (__line < last.line) FROM whole, last GROUP BY last.line"
        )
    )
    if not is_short or any(row.line > line for row in raw.bad_rows):
        return raw
    connection.execute("DELETE FROM whole WHERE __line = ?", [line])
    message = (
        "expected a line break after the last line, found none and a last value shorter than in all other lines: "
        "the file may have been cut off"
    )
    return replace(raw, rows=raw.rows - 1, bad_rows=(*raw.bad_rows, BadRow(line, span, "cut_off", message)))


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _show_portion(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, portion: pa.Table, columns: Sequence[str], *, marked: bool
) -> tuple[int, list[BadRow]]:
    """Show a portion as `raw`, without blank records and records with bytes that are no text.

    Returns the number of rows shown, and the records with bytes that are no text. If a column is never null, the
    portion has no blank record.
    """
    values = ", ".join(f"{_null_values_as_null(file, identifier(name))} AS {identifier(name)}" for name in columns)
    if not marked and any(not portion.column(name).null_count for name in columns):
        _show(connection, f"SELECT __line, __span, {values} FROM incoming")
        return portion.num_rows, []
    filled = f"coalesce({', '.join(map(identifier, columns))}) IS NOT NULL"
    broken = " OR ".join(f"coalesce(contains({identifier(name)}, {literal(MARK)}), false)" for name in columns)
    where = f"{filled} AND NOT ({broken})" if marked else filled
    _show(connection, f"SELECT __line, __span, {values} FROM incoming WHERE {where}")
    rows = first_value(connection.execute(f"SELECT count(*) FROM incoming WHERE {where}"))
    if not marked:
        return rows, []
    records = connection.execute(f"SELECT __line, __span FROM incoming WHERE {broken} ORDER BY 1").fetchall()
    message = f"expected text in {file.mapping.encoding}, found other bytes"
    return rows, [BadRow(line, span, "encoding", message) for line, span in records]


def _null_values_as_null(file: SourceFile, value: str) -> str:
    """SQL for a text, null if it is one of the `null_values` of the file."""
    if not file.mapping.null_values:
        return value
    return f"CASE WHEN {value} NOT IN ({', '.join(map(literal, file.mapping.null_values))}) THEN {value} END"


def _check_rows(connection: duckdb.DuckDBPyConnection, file: SourceFile, path: Path) -> None:
    """Raise FileRefused for a small file that claims a huge number of rows."""
    metadata = f"parquet_file_metadata({literal(glob.escape(str(path)))})"
    rows = first_value(connection.execute(f"SELECT sum(num_rows) FROM {metadata}")) or 0
    if rows > max(PARQUET_FREE_ROWS, MAX_ROWS_PER_BYTE * path.stat().st_size):
        message = f"expected at most {MAX_ROWS_PER_BYTE} rows for each byte of the file, found {rows:,}"
        raise FileRefused(file.name, message)


def _read_parquet(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    scratch: Path,
    check: Check,
    _progress: Callable[[str], None],
    use: Callable[[], object],
) -> RawFile:
    path = file.path
    try:
        if path.suffix == ".gz":
            path = scratch / "unpacked.parquet"
            with open_bytes(file.path) as packed, path.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        relation = parquet_files([path], "file_row_number = true")
        _check_rows(connection, file, path)
        described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except READ_ERRORS as error:
        raise refuse_unreadable(file.name, error) from error
    except duckdb.Error as error:
        raise FileRefused(file.name, "expected a Parquet file, found something else") from error
    typed = [row for row in described if row[0] != "file_row_number"]
    names = [row[0] for row in typed]
    columns = checked_names(file, names, 1)
    _show_columns(connection, columns)
    numbers = {name for name, row in zip(columns, typed, strict=True) if row[1].startswith(NUMBERS)}
    check(columns, frozenset(numbers))
    white = literal(WHITE_SPACE)
    texts = [f"nullif(trim(CAST({identifier(name)} AS VARCHAR), {white}), '')" for name in names]
    body = ", ".join(
        f"{_null_values_as_null(file, text)} AS {identifier(name)}" for text, name in zip(texts, columns, strict=True)
    )
    # The file may be damaged anywhere. Reading all of it here keeps the error out of the queries that read `raw`.
    _show(connection, f"SELECT file_row_number + 1 AS __line, 1::BIGINT AS __span, {body} FROM {relation}")
    try:
        connection.execute("CREATE OR REPLACE TEMP TABLE unpacked AS FROM raw")
    except duckdb.Error as error:
        raise FileRefused(file.name, "expected a whole Parquet file, found damaged pages") from error
    rows = first_value(connection)
    _show(connection, "FROM unpacked")
    if rows:
        use()
    return RawFile(tuple(columns), rows, ())


Reader = Callable[
    [duckdb.DuckDBPyConnection, SourceFile, Path, Check, Callable[[str], None], Callable[[], object]], RawFile
]
READERS: dict[str, Reader] = {
    "csv": _read_records,
    "text": _read_records,
    "xlsx": _read_records,
    "parquet": _read_parquet,
}
"""The reader of each format of `pipelines/ingest/mapping/formats.py`."""
