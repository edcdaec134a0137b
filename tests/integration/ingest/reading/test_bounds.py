"""Small files that ask for much are refused soon, with the bound; files of honest sizes are not."""

from __future__ import annotations

import gzip
import io
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import PROJECT_ROOT
from pipelines.ingest.draft import draft_mapping
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading import bounds
from tests.ingest_home import SALES, IngestHome, counts

CLEAN = "id,customer,day,price\n1,A,2025-01-01,10\n2,B,2025-01-02,20\n"
SOON = 20
"""Seconds of this process: each of these files took minutes, or the memory."""


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    other = "\n".join(SALES.splitlines()[5:])
    home.mapping(SALES + other.replace('"*.csv"', '"*.csv.gz"') + "\n" + other.replace("*.csv", "*.parquet") + "\n")
    home.raw(CLEAN)
    home.raw(gzip.compress(CLEAN.replace("1,A", "3,A").replace("2,B", "4,B").encode()), "good.csv.gz")
    duckdb.execute(
        "COPY (SELECT '5' AS id, 'A' AS customer, '2025-01-01' AS day, '5' AS price) "
        f"TO '{tmp_path}/raw/shop/good.parquet'"
    )
    return home


def blank_lines(gigabytes: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as stream:
        stream.write(CLEAN.encode())
        for _ in range(gigabytes << 6):
            stream.write(b"\n" * (1 << 24))
    return packed.getvalue()


def text(count: int, line: str) -> bytes:
    return (CLEAN + line * count).encode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "bomb.csv.gz",
            lambda: gzip.compress(text(4_000_000, "1,A,2025-01-01,10\n")),
            "expected at most 250 times the size",
        ),
        ("blank.csv", lambda: text(4_500_000, "\n"), "expected at most 2,000,000 blank rows"),
        ("commas.csv", lambda: text(3_000_000, ",,,\n"), "expected at most 2,000,000 blank rows"),
        ("ragged.csv", lambda: text(1_000_000, "a\n"), "expected 4 fields, found another number in over 100,000 lines"),
        ("line.csv", lambda: text(20_000_000, "x"), "expected records below 4 MB, found a longer one"),
        ("quoted.csv", lambda: text(1, '"') + b"x" * 20_000_000, "expected records below 4 MB, found a longer one"),
        ("wide.csv", lambda: ("id," + "a," * 1_000_000 + "b\n").encode(), "expected at most 5,000 columns, found"),
        ("commas_only.csv", lambda: b"," * 10_000_000, "found 0 columns"),
    ],
)
def test_a_text_that_demands_too_much_is_refused_soon(home: IngestHome, name: str, content, message: str) -> None:
    home.raw(content(), name)
    began = time.process_time()
    (report,) = home.load()
    assert time.process_time() - began < SOON
    (problem,) = report.problems
    assert problem.startswith(name) and message in problem
    assert counts(report) == (5, 5, 0, 0)


def test_rows_of_a_parquet_file_that_takes_no_bytes_are_refused(home: IngestHome) -> None:
    target = home.settings.home / "raw" / "shop" / "bomb.parquet"
    duckdb.execute(
        "COPY (SELECT 'a' AS id, 'A' AS customer, '2025-01-01' AS day, '5' AS price FROM range(3_000_000)) "
        f"TO '{target}' (ROW_GROUP_SIZE 3_000_000)"
    )
    began = time.process_time()
    (report,) = home.load()
    assert time.process_time() - began < SOON
    assert report.problems == ["bomb.parquet: expected at most 20 rows for each byte of the file, found 3,000,000"]


def test_a_packed_parquet_file_does_not_fill_the_disk(home: IngestHome) -> None:
    home.mapping(SALES.replace("*.csv", "*.parquet.gz"))
    home.raw(gzip.compress(b"PAR1" + b"\0" * 60_000_000), "bomb.parquet.gz")
    (report,) = home.load()
    assert "expected at most 250 times the size of the file unpacked" in report.problems[0]


def test_what_honest_exports_ask_for_is_read(home: IngestHome) -> None:
    rows = "".join(f"{n},A,2025-01-01,10\n" for n in range(10, 60_010))
    home.raw(gzip.compress((CLEAN + rows).encode(), 9), "rows.csv.gz")
    home.raw(text(1_048_576, ",,,\n"), "empty_rows_of_a_spreadsheet.csv")
    wide = "".join(f",c{n}" for n in range(2_000))
    home.raw(f"id,customer,day,price{wide}\n7,A,2025-01-01,10{',x' * 2_000}\n", "wide.csv")
    (report,) = home.load()
    assert report.problems == []
    assert home.query("SELECT count(*) FROM landing.transactions") == [(60_006,)]


def test_a_draft_asks_for_no_more(home: IngestHome) -> None:
    wide = home.raw("id," + "a," * 100_000 + "b\n1,2\n", "wide.csv")
    bomb = home.raw(gzip.compress(b"\n" * 60_000_000), "bomb.csv.gz")
    for file in (wide, bomb):
        began = time.process_time()
        with pytest.raises(FileRefused):
            draft_mapping([file], home.settings.home, "UTC")
        assert time.process_time() - began < SOON


@pytest.mark.soak
def test_a_gigabyte_of_blank_lines_is_refused_soon(home: IngestHome) -> None:
    content = blank_lines(1)
    assert len(content) < 8 << 20
    home.raw(content, "bomb.csv.gz")
    began = time.process_time()
    (report,) = home.load()
    assert time.process_time() - began < SOON
    assert "expected at most 2" in report.problems[0]


def test_the_bounds_are_those_of_the_guide() -> None:
    guide = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    for bound in (bounds.MAX_FILES, bounds.MAX_COLUMNS, bounds.MAX_BLANK_ROWS, bounds.MAX_RAGGED_ROWS):
        assert f"{bound:,}" in guide
