"""Currencies are ISO codes: known names are read as their code, and what is no currency is a fault of its row."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.ingest.dry_run import dry_run
from tests.ingest_home import SALES, IngestHome

MAPPING = SALES.replace("amount: price", "amount: price\n        currency: cur").replace(
    "currency: CNY\nfiles", "currency: HKD\nquarantine_bar: 1\nfiles"
)
HEADER = "id,customer,day,price,cur\n"
CURRENCIES = "SELECT transaction_id, currency FROM landing.transactions ORDER BY 1"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING)
    return home


def test_codes_of_iso_and_other_names_are_read(home: IngestHome) -> None:
    names = ["CNY", "AED", "twd", " b r l ", "RMB", "￥", "港币", ""]
    home.raw(HEADER + "".join(f"{number},A,2025-01-01,10,{name}\n" for number, name in enumerate(names)))
    home.load()
    assert [code for _, code in home.query(CURRENCIES)] == ["CNY", "AED", "TWD", "BRL", "CNY", "CNY", "HKD", "HKD"]


def test_what_is_no_currency_is_quarantined_and_never_the_currency_of_the_source(home: IngestHome) -> None:
    home.raw(HEADER + "1,A,2025-01-01,10,CNY\n2,B,2025-01-01,10,XYZ\n3,B,2025-01-01,10,$\n4,B,2025-01-01,10,XXX\n")
    said = dry_run(home.settings, "shop", 5)
    home.load()
    rows = home.quarantine()
    assert [row[:4] for row in rows] == [(line, "transactions", "type", "currency") for line in (3, 4, 5)]
    assert "expected a currency of ISO 4217" in rows[0][4]
    assert "found text of 3 characters" in rows[0][4]
    assert [(line.line, line.message) for line in said.lines] == [(row[0], row[4]) for row in rows]
    assert home.query(CURRENCIES) == [("1", "CNY")]


def test_a_name_that_is_translated_to_nothing_takes_the_currency_of_the_source(home: IngestHome) -> None:
    home.mapping(MAPPING.replace("currency: cur", 'currency: {column: cur, values: {n/a: "", renminbi: CNY}}'))
    home.raw(HEADER + "1,A,2025-01-01,10,n/a\n2,B,2025-01-01,10,renminbi\n")
    home.load()
    assert home.query(CURRENCIES) == [("1", "HKD"), ("2", "CNY")]
