"""Columns that can be read in two ways: `check` names both readings, and only when no value decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.ingest.dry_run import dry_run
from tests.ingest_home import IngestHome

MAPPING = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
currency: CNY
history: true
quarantine_bar: 1
files:
  - path: deals.csv
    delimiter: ";"
    entities:
      leads:
        implied: true
        lead_id: id
        created_at: {column: day, format: FORMAT}
      transactions:
        lead_id: id
        occurred_at: {column: day, format: FORMAT}
        kind: {value: sale}
        amount: AMOUNT
"""


def notes(folder: Path, rows: list[tuple[str, str]], pattern: str | list[str], amount: str) -> list[str]:
    home = IngestHome.at(folder)
    home.mapping(MAPPING.replace("FORMAT", json.dumps(pattern)).replace("AMOUNT", amount), "crm")
    text = "".join(f"{number};{day};{price}\n" for number, (day, price) in enumerate(rows))
    home.raw(f"id;day;price\n{text}", "deals.csv", "crm")
    result = dry_run(home.settings, "crm", 0)
    assert result.report.problems == []
    return [note for note in result.report.notes if "is read as" in note]


@pytest.mark.parametrize(
    ("days", "pattern", "both"),
    [
        (["01/02/2025", "03/04/2025"], "%d/%m/%Y", ("2025-02-01", "2025-01-02")),
        (["01/02/2025", "03/04/2025"], "%m/%d/%Y", ("2025-01-02", "2025-02-01")),
        (["05/05/2025", "01/02/2025 "], "%d/%m/%Y", ("2025-02-01", "2025-01-02")),
        (["01/02/2025", "13/04/2025"], "%d/%m/%Y", None),
        (["05/05/2025", "06/06/2025"], "%d/%m/%Y", None),
        (["24-03-05", "25-03-06"], "%y-%m-%d", ("2024-03-05", "2005-03-24")),
        (["24-03-05", "24-03-06", "24-03-07"], "%y-%m-%d", None),
        (["2025-02-01", "2025-03-04"], "%Y-%m-%d", None),
        (["01/02/2025", "1738368000"], ["%d/%m/%Y", "epoch"], ("2025-02-01", "2025-01-02")),
        (["01/02/2025", "13/02/2025", "1738368000"], ["%d/%m/%Y", "epoch"], None),
    ],
)  # fmt: skip  # a table of cases
def test_days_that_fit_two_orders_are_shown_in_both(
    tmp_path: Path, days: list[str], pattern: str | list[str], both: tuple[str, str] | None
) -> None:
    shown = [note for note in notes(tmp_path, [(day, "1") for day in days], pattern, "price") if "_at" in note]
    assert len(shown) == (2 if both else 0)
    if both:
        assert (
            f"is read as {both[0]} (format: {pattern if isinstance(pattern, str) else pattern[0]}); with format: "
            in shown[0]
        )
        assert f"it would be {both[1]}." in shown[0]


def test_another_date_of_the_file_settles_the_order(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    text = MAPPING.replace("FORMAT", '"%d/%m/%Y"').replace("AMOUNT", "price")
    home.mapping(text.replace("created_at: {column: day", "created_at: {column: first"), "crm")
    home.raw("id;first;day;price\n1;13/01/2025;01/02/2025;5\n", "deals.csv", "crm")
    assert not [note for note in dry_run(home.settings, "crm", 0).report.notes if "is read as" in note]


@pytest.mark.parametrize(
    ("prices", "amount", "both"),
    [
        (["850.000", "320.000"], "price", ("850", "850000")),
        (["850.000", "320.000"], '{column: price, decimal: ","}', ("850000", "850")),
        (["310,000", "420,500"], '{column: price, decimal: "."}', ("310000", "310")),
        (["850.000", "320.5"], "price", None),
        (["850.000", "1.320.000"], '{column: price, decimal: ","}', None),
        (["310,000", "420,500.25"], '{column: price, decimal: "."}', None),
        (["850000", "320000"], "price", None),
    ],
)  # fmt: skip  # a table of cases
def test_numbers_that_fit_two_marks_are_shown_in_both(
    tmp_path: Path, prices: list[str], amount: str, both: tuple[str, str] | None
) -> None:
    shown = notes(tmp_path, [("2025-03-31", price) for price in prices], "%Y-%m-%d", amount)
    assert len(shown) == bool(both)
    if both:
        assert f"transactions.amount: '{prices[0]}' is read as {both[0]} (" in shown[0]
        assert f"it would be {both[1]}." in shown[0]


def test_a_run_counts_no_readings(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING.replace("FORMAT", '"%d/%m/%Y"').replace("AMOUNT", "price"), "crm")
    home.raw("id;day;price\n1;01/02/2025;5\n", "deals.csv", "crm")
    (report,) = home.load()
    assert not [note for note in report.notes if "is read as" in note]
