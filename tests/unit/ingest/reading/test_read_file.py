"""Reading: the right line numbers, and a clear refusal for what is no table of text."""

from __future__ import annotations

import csv
import gzip
import io
import time
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping, FileMapping
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.read import RawFile, read_file

SECONDS = 30


def read(
    folder: Path,
    data: bytes,
    name: str = "x.csv",
    form: str = "csv",
    sheet_name: str | None = None,
    reads: tuple[str, ...] = (),
    **options: object,
) -> tuple[RawFile, list]:
    """What was read, and the rows of `raw` in the order of lines. `reads`: columns that the mapping names."""
    path = folder / name
    path.write_bytes(data)
    fields = tuple(FieldMapping(column, 1, column=column, reads=frozenset({column})) for column in reads)
    entities = (EntityMapping("leads", 1, fields),)
    file = SourceFile(name, path, FileMapping(name, 1, entities, form, **options), "", "", sheet_name)
    with duckdb.connect() as connection:
        raw = read_file(connection, file, folder, lambda *_: None, lambda _: None)
        return raw, connection.execute("SELECT * FROM raw ORDER BY __line").fetchall()


def refusal(folder: Path, data: bytes, name: str = "x.csv", form: str = "csv", **options: object) -> str:
    with pytest.raises(FileRefused) as caught:
        read(folder, data, name, form, **options)
    return str(caught.value)


def test_lines_are_physical_across_quoted_newlines_blank_and_ragged_lines(tmp_path: Path) -> None:
    raw, rows = read(tmp_path, b'a,b\n1,2\n\n"x\ny",3\n5\n"q\nr",7,8\n9,10')
    assert rows == [(2, 1, "1", "2"), (4, 2, "x\ny", "3"), (9, 1, "9", "10")]
    assert [(bad.line, bad.span, bad.rule, bad.message) for bad in raw.bad_rows] == [
        (6, 1, "ragged_row", "expected 2 fields, found 1"),
        (7, 2, "ragged_row", "expected 2 fields, found 3"),
    ]


def test_a_long_file_that_ends_in_its_last_line_is_read_soon(tmp_path: Path) -> None:
    whole = "".join(f"{line},50000\n" for line in range(60_000))
    started = time.perf_counter()
    raw, rows = read(tmp_path, f"id,price\n{whole}last,5".encode())
    assert (raw.rows, len(rows), [bad.line for bad in raw.bad_rows]) == (60_000, 60_000, [60_002])
    assert time.perf_counter() - started < SECONDS


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    raw, rows = read(tmp_path, b'\xef\xbb\xbfa,b\r\n1,2\r\n\r\n"x\r\ny",3\r\n 4 ,\r\n')
    assert raw.columns == ("a", "b")
    assert rows == [(2, 1, "1", "2"), (4, 2, "x\r\ny", "3"), (6, 1, "4", None)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.text('ab ",\n', max_size=5), min_size=1, max_size=4), min_size=1, max_size=30),
    st.sampled_from(["\n", "\r\n"]),
)
def test_each_record_is_found_at_its_line(tmp_path: Path, records: list[list[str]], ending: str) -> None:
    text, at, expected = io.StringIO(), 2, {}
    text.write(f"a,b{ending}")
    for record in records:
        line = io.StringIO()
        csv.writer(line, lineterminator=ending, quoting=csv.QUOTE_ALL).writerow(record)
        if len(record) != 2 or any(cell.strip() for cell in record):
            expected[at] = len(record)
        at += line.getvalue().count("\n")
        text.write(line.getvalue())
    data = text.getvalue().encode()
    if not expected:
        assert "found none" in refusal(tmp_path, data)
        return
    raw, rows = read(tmp_path, data)
    assert {row[0]: 2 for row in rows} | {bad.line: int(bad.message[-1]) for bad in raw.bad_rows} == expected


def test_lines_hold_across_blocks_of_the_parser(tmp_path: Path) -> None:
    lines = [f"{number},{'x' * 90}" if number % 1000 else f"{number}" for number in range(120_000)]
    raw, rows = read(tmp_path, ("a,b\n" + "\n".join(lines)).encode())
    assert all(line == int(a) + 2 for line, _, a, _ in rows)
    assert [bad.line for bad in raw.bad_rows] == list(range(2, 120_002, 1000))


def test_text_in_another_encoding_is_read_and_broken_bytes_are_quarantined(tmp_path: Path) -> None:
    data = "客户,b\n张,2\n".encode("gb18030") + b"\xff,3\n"
    raw, rows = read(tmp_path, data, encoding="gb18030")
    assert (raw.columns, rows) == (("客户", "b"), [(2, 1, "张", "2")])
    assert [(bad.line, bad.rule) for bad in raw.bad_rows] == [(3, "encoding")]


def test_white_space_separates_in_text_files(tmp_path: Path) -> None:
    data = b" 00004 0001   29.33\r\n\r\n 00004\r\n 5  6 7\r\n"
    raw, rows = read(tmp_path, data, "x.txt", "text", header=("id", "n", "amount"))
    assert rows == [(1, 1, "00004", "0001", "29.33"), (4, 1, "5", "6", "7")]
    assert [(bad.line, bad.message) for bad in raw.bad_rows] == [(3, "expected 3 fields, found 1")]


def test_gzip_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS a, DATE '2025-01-02' AS b) TO '{tmp_path / 'source'}' (FORMAT parquet)")
    parquet = (tmp_path / "source").read_bytes()
    packed = gzip.compress(b"a,b\n1,2025-01-02\n")
    assert read(tmp_path, packed, "x.csv.gz")[1] == [(2, 1, "1", "2025-01-02")]
    assert read(tmp_path, parquet, "x.parquet", "parquet")[1] == [(1, 1, "1", "2025-01-02")]
    assert read(tmp_path, gzip.compress(parquet), "x.parquet.gz", "parquet")[1] == [(1, 1, "1", "2025-01-02")]


@pytest.mark.parametrize(
    ("data", "start"),
    [
        (b"", "x.csv, line 1: expected a header and rows, found an empty file"),
        (b"\n \n", "x.csv, line 1: expected a header and rows, found an empty file"),
        (b"a,b\n", "x.csv, line 1: expected rows below the header, found none"),
        (b"PK\x03\x04\x14\x00", "x.csv, line 1: expected csv text, found a zip archive or a spreadsheet"),
        (b"PAR1....", "x.csv, line 1: expected csv text, found a Parquet file"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), "x.csv, line 1: expected csv text, found gzip data"),
        (b"a,b\n1,\x002\n", "x.csv, line 2: expected csv text, found binary data"),
        ("客户,b\n1,2\n".encode("gb18030"), "x.csv, line 1: expected text in utf-8, found other bytes"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "x.csv, line 3: a quote that opens here is never closed"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "x.csv, line 3: a quote that opens here is never closed"),
        (b'a\n1\n"3', "x.csv, line 3: a quote that opens here is never closed"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_file_and_line(tmp_path: Path, data: bytes, start: str) -> None:
    assert refusal(tmp_path, data).startswith(start)


def test_a_truncated_gzip_and_a_damaged_parquet_file_are_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n % 9973) for n in range(400_000)))
    assert "x.csv.gz: expected a whole gzip file, found a truncated one" in refusal(
        tmp_path, packed[: len(packed) // 3], "x.csv.gz"
    )
    assert "x.csv.gz" in refusal(tmp_path, b"a,b\n1,2\n", "x.csv.gz")
    assert "expected a Parquet file" in refusal(tmp_path, b"PAR1 nothing", "x.parquet", "parquet")
