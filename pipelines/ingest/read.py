"""One file → the DuckDB table `raw`: a row per record, all columns text, blank as null."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.ingest.ahead import read_ahead
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.expressions import identifier, literal
from pipelines.ingest.files import MARK, READ_ERRORS, SourceFile, open_bytes, read_head, refuse_unreadable
from pipelines.ingest.header import checked_names, read_header
from pipelines.ingest.read_text import BadRow, TextReader
from pipelines.ingest.read_workbook import SheetReader

ROWS_AT_ONCE = 500_000
WHITE_SPACE = " \t\r\n\u00a0\u3000"
Check = Callable[[Sequence[str]], None]


@dataclass(frozen=True)
class RawFile:
    """What was read: column names, records in `raw`, and records that no entity can use."""

    columns: tuple[str, ...]
    rows: int
    bad_rows: tuple[BadRow, ...]


def read_file(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, scratch: Path, check: Check, say: Callable[[str], None]
) -> RawFile:
    """Fill `raw` (__line: 1-based physical line, or row of a Parquet file or sheet; __span: lines it takes; columns).

    `check` is called once the (still empty) table has its columns: it refuses a file that the mapping does not fit
    before it is read. Raises FileRefused.
    """
    read = {"parquet": _read_parquet, "xlsx": _read_sheet}.get(file.mapping.format, _read_text)
    raw = read(connection, file, scratch, check, say)
    if not raw.rows and not raw.bad_rows:
        raise FileRefused(file.name, "expected rows below the header, found none", line=1)
    return raw


def _create(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> None:
    body = ", ".join(f"{identifier(name)} VARCHAR" for name in columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE raw (__line BIGINT, __span BIGINT, {body})")


def _read_text(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, _scratch: Path, check: Check, say: Callable[[str], None]
) -> RawFile:
    columns, header_lines = read_header(file, read_head(file))
    _create(connection, columns)
    check(columns)
    reader = TextReader(file, columns, header_lines)
    read = _insert_all(connection, file, columns, reader.batches(), say)
    bad_rows = [*reader.bad_rows, *(_take_marked(connection, file, columns) if reader.marked else ())]
    return RawFile(tuple(columns), read - len(bad_rows) + len(reader.bad_rows), tuple(bad_rows))


def _read_sheet(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, _scratch: Path, check: Check, say: Callable[[str], None]
) -> RawFile:
    reader = SheetReader(file)
    _create(connection, reader.columns)
    check(reader.columns)
    read = _insert_all(connection, file, reader.columns, reader.batches(), say)
    return RawFile(tuple(reader.columns), read, tuple(reader.bad_rows))


def _insert_all(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    columns: Sequence[str],
    batches: Iterable[pa.RecordBatch],
    say: Callable[[str], None],
) -> int:
    read = 0
    with _one_thread(connection), closing(read_ahead(_gathered(batches))) as tables:
        for table in tables:
            read += _insert(connection, file, columns, table)
            if table.num_rows >= ROWS_AT_ONCE:
                say(f"{file.name}: {read:,} rows read")
    return read


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(part.num_rows for part in waiting) >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


@contextmanager
def _one_thread(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """An insert by several threads that keeps the order of rows writes each of them twice; the other thread parses."""
    (threads,) = connection.execute("SELECT current_setting('threads')").fetchone()
    connection.execute("SET threads = 1")
    try:
        yield
    finally:
        connection.execute(f"SET threads = {threads}")


def _insert(connection: duckdb.DuckDBPyConnection, file: SourceFile, columns: Sequence[str], table: pa.Table) -> int:
    """Append the records; a record without a single value is a blank line, not a row."""
    filled = ", ".join(map(identifier, columns))
    values = ", ".join(_without_nothing(file, identifier(name)) for name in columns)
    connection.register("incoming", table)
    connection.execute(
        f"INSERT INTO raw SELECT __line, __span, {values} FROM incoming WHERE coalesce({filled}) IS NOT NULL"
    )
    inserted = connection.fetchone()[0]
    connection.unregister("incoming")
    return inserted


def _without_nothing(file: SourceFile, value: str) -> str:
    """SQL for a text, null where the mapping says that it means nothing."""
    if not file.mapping.null_values:
        return value
    return f"CASE WHEN {value} NOT IN ({', '.join(map(literal, file.mapping.null_values))}) THEN {value} END"


def _take_marked(connection: duckdb.DuckDBPyConnection, file: SourceFile, columns: Sequence[str]) -> list[BadRow]:
    """Move rows with bytes that are no text from `raw` to the bad rows."""
    broken = " OR ".join(f"coalesce(contains({identifier(name)}, {literal(MARK)}), false)" for name in columns)
    rows = connection.execute(f"DELETE FROM raw WHERE {broken} RETURNING __line, __span").fetchall()
    message = f"expected text in {file.mapping.encoding}, found bytes that are none"
    return [BadRow(line, span, "encoding", message) for line, span in sorted(rows)]


def _read_parquet(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, scratch: Path, check: Check, _say: Callable[[str], None]
) -> RawFile:
    path = file.path
    try:
        if path.suffix == ".gz":
            path = scratch / "unpacked.parquet"
            with open_bytes(file.path) as packed, path.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
        relation = f"read_parquet({literal(str(path))}, file_row_number = true)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except READ_ERRORS as error:
        raise refuse_unreadable(file.name, error) from error
    except duckdb.Error as error:
        raise FileRefused(file.name, "expected a Parquet file, found one that cannot be read as such") from error
    names = [row[0] for row in described if row[0] != "file_row_number"]
    columns = checked_names(file, names, 1)
    _create(connection, columns)
    check(columns)
    white = literal(WHITE_SPACE)
    texts = [f"nullif(trim(CAST({identifier(name)} AS VARCHAR), {white}), '')" for name in names]
    body = ", ".join(_without_nothing(file, text) for text in texts)
    query = f"INSERT INTO raw SELECT file_row_number + 1, 1, {body} FROM {relation}"
    try:
        connection.execute(query)
    except duckdb.Error as error:
        raise FileRefused(file.name, "expected a whole Parquet file, found damaged pages") from error
    return RawFile(tuple(columns), connection.fetchone()[0], ())
