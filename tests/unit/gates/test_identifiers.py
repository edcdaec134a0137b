"""Texts that the published gate recognises as phone number or e-mail address, and others."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("dtype", ["object", "str"])
def test_pandas_finds_the_same_as_the_regex_in_both_types_of_text_columns(dtype):
    """The regex engine of Arrow has no look-around, so pandas must not use it here."""
    column = pd.Series([*FOUND, *NOT_FOUND], dtype=dtype)
    found = column.astype(str).str.contains(RULE.arguments["regex"])
    assert found.tolist() == [True] * len(FOUND) + [False] * len(NOT_FOUND)
