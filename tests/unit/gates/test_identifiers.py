"""Texts that the published gate recognises as phone number or e-mail address, and others."""

from __future__ import annotations

import re
import unicodedata

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.gates.contacts import CONTACT_FUNCTIONS, register_contact_functions
from pipelines.gates.suites import load_suite

RULE = next(rule for rule in load_suite("published").tables[0].rules if rule.text_columns_but)
IDENTIFIER = re.compile(RULE.arguments["regex"])

FOUND = [
    "13812345678", "+86 138 1234 5678", "138-1234-5678", "tel:138.1234.5678", "(021) 6543-2100", "12345678",
    "x13812345678y", "138  1234  5678", "138—1234—5678", "１３８１２３４５６７８", "138\u00a01234\u30005678",
    "2026-06-30-13812345678", "at 10:59.13812345678", "someone@example.cn", "someone＠example.cn",
]  # fmt: skip  # a table of cases
NOT_FOUND = [
    "2026-06-30", "as of 2026-06-30 02:00", "2026-06-30T23:59:59", '{"crm": "2026-06-30 23:59:59.123456"}',
    "last viewing 12 days ago, 3 viewings in 60 days", "1,234,567 of 12,345,678 rows", "budget 350 to 400 万", "434",
    "近60天无主动互动", "A", "",
]  # fmt: skip  # a table of cases


@pytest.mark.parametrize("text", FOUND)
def test_an_identifier_is_found(text):
    assert IDENTIFIER.search(text)


@pytest.mark.parametrize("text", NOT_FOUND)
def test_other_text_is_not_found(text):
    assert not IDENTIFIER.search(text)


@given(
    digits=st.text("3456789３４５６７８９", min_size=8, max_size=15),
    gaps=st.lists(st.text(" -.()/_", max_size=3), min_size=15, max_size=15),
    around=st.tuples(st.text("ab 电", max_size=3), st.text("ab 话", max_size=3)),
)
def test_eight_digits_are_found_in_every_form(digits, gaps, around):
    """Digits 0, 1 and 2 are left out: years, dates, round numbers and house numbers are no identifiers."""
    assert IDENTIFIER.search(around[0] + _written(digits, gaps) + around[1])


@given(
    digits=st.text("0123456789０１２３４５６７８９", min_size=9, max_size=9),
    gaps=st.lists(st.text(" -.()/_,~", max_size=3), min_size=10, max_size=10),
    second=st.sampled_from("3456789３４５６７８９"),
)
def test_every_mobile_number_is_found(digits, gaps, second):
    written = _written(f"1{second}{digits}", gaps)
    is_amounts = re.search(r"[,]|0{3}", unicodedata.normalize("NFKC", written))
    assert is_amounts or IDENTIFIER.search(f"call {written}")


def _written(digits, gaps):
    return digits[0] + "".join(gap + digit for gap, digit in zip(gaps, digits[1:], strict=False))


@given(st.dates())
def test_a_date_is_never_an_identifier(day):
    if 1900 <= day.year <= 2099:
        assert not IDENTIFIER.search(f"last seen {day.isoformat()}, graded {day.isoformat()}")


@pytest.fixture(scope="module")
def database():
    with duckdb.connect() as connection:
        register_contact_functions(connection)
        yield connection


PARTS = [*"a18３七٣@＠点(【.-_ \u3000\n/Aé", "at", "dot"]


@given(st.lists(st.one_of(st.sampled_from(PARTS), st.sampled_from([*FOUND, *NOT_FOUND])), max_size=14).map("".join))
def test_duckdb_finds_the_same_as_the_pattern(database, text):
    """DuckDB's regular expressions have no look-around: they only choose the texts that Python decides."""
    for pattern, function in CONTACT_FUNCTIONS.items():
        found = database.execute(f"SELECT {function}($text)", {"text": text}).fetchone()
        assert found == (bool(re.search(pattern, text)),)
