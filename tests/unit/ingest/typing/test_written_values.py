"""Amounts, ranges and times as real exports write them (docs/sources.md), and every writing of a number read back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.ingest.typing.numbers import number_sql
from pipelines.ingest.typing.ranges import range_sql
from pipelines.ingest.typing.times import date_sql, timestamp_sql

UNITS = {
    "": 1,
    "K": 10**3,
    " lakh": 10**5,
    "M": 10**6,
    " Cr": 10**7,
    "bn": 10**9,
    "千": 10**3,
    "万": 10**4,
    "亿": 10**8,
}
DIGITS = ("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
CURRENCIES = (
    ("", ""),
    ("$", ""),
    ("HK$ ", ""),
    ("AED ", ""),
    ("₹", ""),
    ("Rs. ", ""),
    ("", " €"),
    ("", " USD"),
    ("￥", ""),
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def amount(connection: duckdb.DuckDBPyConnection, text: str, decimal: str | None = None, end: str | None = None):
    read = range_sql("text", end, decimal) if end else "text"
    written = f"SELECT {read} AS text FROM (SELECT ? AS text)"
    sql = f"SELECT {number_sql('money', 'text', Decimal(1), decimal)} FROM ({written})"
    return connection.execute(sql, [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("$22,700.00", ".", 22_700),
        ("AED 1,250,000", ".", 1_250_000),
        ("HK$ 3.2M", None, 3_200_000),
        ("₹80 lakh", None, 8_000_000),
        ("Rs. 1.5 Cr", None, 15_000_000),
        ("₹12,50,000", ".", 1_250_000),
        ("1.234.567,89", ",", Decimal("1234567.89")),
        ("1,2 Mio €", ",", 1_200_000),
        ("3千万", None, 30_000_000),
        ("1.2億", None, 120_000_000),
        ("١٬٢٥٠٬٠٠٠", ".", 1_250_000),
        ("1.234567E+06", None, 1_234_567),
        ("1e6", None, 1_000_000),
        # A spreadsheet shows these digits of a longer number.
        ("1.25E+06", None, None),
        ("8.61E+12", ".", None),
        # Without `decimal` the mark can be either.
        ("$22,700", None, None),
        ("1,5M", None, None),
        ("ask wife", ".", None),
        ("5 rooms", None, None),
    ],
)
def test_amounts(connection, text: str, decimal: str | None, expected: Decimal | int | None) -> None:
    assert amount(connection, text, decimal) == expected


@pytest.mark.parametrize(
    ("text", "decimal", "low", "high"),
    [
        ("1-1.5 Cr", None, 10_000_000, 15_000_000),
        ("80-120万", None, 800_000, 1_200_000),
        ("80万至1.2亿", None, 800_000, 120_000_000),
        ("AED 1.2M to AED 1.5M", None, 1_200_000, 1_500_000),
        ("$500,000 – $750,000", ".", 500_000, 750_000),
        ("1.200-1.500", ",", 1_200, 1_500),
        ("300万以上", None, 3_000_000, None),
        ("500k+", None, 500_000, None),
        ("≥200万", None, 2_000_000, None),
        ("100万以下", None, None, 1_000_000),
        ("under 2M", None, None, 2_000_000),
        ("约300万", None, 3_000_000, 3_000_000),
        ("2M", None, 2_000_000, 2_000_000),
        ("900-1.2M", None, None, None),
        ("-5", None, -5, -5),
        ("ask wife", None, None, None),
    ],
)
def test_a_range_fills_both_ends(connection, text: str, decimal: str | None, low: int | None, high: int | None) -> None:
    assert (amount(connection, text, decimal, "low"), amount(connection, text, decimal, "high")) == (low, high)


@given(
    cents=st.integers(0, 10**8),
    unit=st.sampled_from(sorted(UNITS)),
    digits=st.sampled_from(DIGITS),
    currency=st.sampled_from(CURRENCIES),
    marks=st.sampled_from([(".", ","), (",", "."), (".", "'"), (",", " "), (".", "")]),
    negative=st.booleans(),
)
@example(cents=100, unit="M", digits=DIGITS[2], currency=("AED ", ""), marks=(".", ","), negative=True)
def test_a_written_number_is_the_number(connection, cents, unit, digits, currency, marks, negative) -> None:
    decimal, thousands = marks
    number = f"{Decimal(cents) / 100:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)
    text = f"{'-' if negative else ''}{currency[0]}{number}{unit}{currency[1]}"
    written = text.translate(str.maketrans(DIGITS[0], digits))
    expected = Decimal(cents) / 100 * UNITS[unit] * (-1 if negative else 1)
    assert amount(connection, written, decimal) == (expected if abs(expected) < 10**14 else None)


@pytest.mark.parametrize(
    ("text", "formats", "expected"),
    [
        ("15 Apr, 2021 00:03:00", (), "2021-04-15 00:03"),
        ("Apr 15, 2021", (), "2021-04-15 00:00"),
        ("15-Apr-2021", (), "2021-04-15 00:00"),
        ("Thu, April 15th 2021 3:04 PM", (), "2021-04-15 15:04"),
        ("1 Sept. 2021", (), "2021-09-01 00:00"),
        ("2021-04-15 12:03 AM", (), "2021-04-15 00:03"),
        ("2025年3月7日 下午3:05", (), "2025-03-07 15:05"),
        ("1618444980", (), "2021-04-15 08:03"),
        ("1618444980000", (), "2021-04-15 08:03"),
        ("民國113年5月1日 10:30", (), "2024-05-01 10:30"),
        ("113/05/01", ("roc",), "2024-05-01 00:00"),
        ("1130501", ("roc",), "2024-05-01 00:00"),
        ("1618444980", ("epoch",), "2021-04-15 08:03"),
        ("04/15/2021 12:03 AM", ("%m/%d/%Y %I:%M %p",), "2021-04-15 00:03"),
        ("2021-03-04", ("%d/%m/%Y", "%Y-%m-%d"), "2021-03-04 00:00"),
        ("03/04/2021", ("%d/%m/%Y", "%Y-%m-%d"), "2021-04-03 00:00"),
        # Two readings, or none.
        ("01/02/2025", (), None),
        ("113/05/01", (), None),
        ("15 Apr 21", (), None),
        ("31 Apr 2021", (), None),
        ("2025030710", (), None),
        ("13:00 PM, 15 Apr 2021", (), None),
        ("1618444980000", ("epoch",), None),
    ],
)
def test_times(connection, text: str, formats: tuple[str, ...], expected: str | None) -> None:
    read = (timestamp_sql("text", formats, "Asia/Shanghai"), date_sql("text", formats, "Asia/Shanghai"))
    instant, day = connection.execute(f"SELECT {', '.join(read)} FROM (SELECT ? AS text)", [text]).fetchone()
    local = connection.execute("SELECT timezone('Asia/Shanghai', timezone('UTC', ?::TIMESTAMP))", [instant]).fetchone()[
        0
    ]
    assert (local, day) == ((None, None) if expected is None else (at := datetime.fromisoformat(expected), at.date()))
