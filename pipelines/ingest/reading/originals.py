"""Reads the original text of quarantined lines from the file again, because only the file has the exact text."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.ingest.reading.files import SourceFile, open_bytes, text_encoding
from pipelines.ingest.reading.read import read_file
from pipelines.ingest.reading.sheets import sheet_texts


def original_texts(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, scratch: Path, wanted: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    """Yield line and text of the wanted records, which are given as (line, number of lines) in the order of lines.

    Bytes that are no text in the encoding of the file are shown as escapes, a row of a Parquet file as JSON, and a row
    of a sheet with tabs between cells.
    """
    if file.mapping.format == "parquet":
        yield from _parquet_rows(connection, file, scratch, wanted)
        return
    if file.mapping.format == "xlsx":
        yield from sheet_texts(file, [line for line, _ in wanted])
        return
    with io.TextIOWrapper(
        open_bytes(file.path), encoding=text_encoding(file), errors="backslashreplace", newline=""
    ) as lines:
        at = 1
        for line, span in wanted:
            record = "".join(islice(lines, line - at, line - at + span))
            at = line + span
            yield line, record.rstrip("\r\n")


def _parquet_rows(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, scratch: Path, wanted: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, str]]:
    read_file(connection, file, scratch, check=lambda *_: None, progress=lambda _: None)
    lines = [line for line, _ in wanted]
    yield from connection.execute(
        "SELECT raw.__line, CAST(to_json(content) AS VARCHAR) FROM raw "
        "JOIN (SELECT __line, struct_pack(*COLUMNS(* EXCLUDE (__line, __span))) AS content FROM raw) USING (__line) "
        "WHERE __line IN (SELECT unnest(?::BIGINT[])) ORDER BY 1",
        [lines],
    ).fetchall()
