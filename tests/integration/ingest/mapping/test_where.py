"""Lines that fill an entity once, twice or not at all: each still counts exactly once for what it concerns."""

from __future__ import annotations

from pathlib import Path

from tests.ingest_home import IngestHome

MAPPING = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
quarantine_bar: 1
files:
  - path: "*.csv"
    entities:
      transactions:
        - {where: "booked IS NOT NULL", lead_id: id, occurred_at: booked, kind: {value: deposit}, amount: price}
        - {where: "signed::DATE IS NOT NULL", lead_id: id, occurred_at: signed, kind: {value: sale}, amount: price}
"""
HEADER = "id,booked,signed,price\n"
BOTH = "A,2025-01-01,2025-02-01,10\n"
CLEAN = HEADER + BOTH + BOTH + "B,2025-01-03,,20\n"


def loaded(folder: Path, content: str) -> tuple[IngestHome, list[tuple[int, int, int, int]]]:
    home = IngestHome.at(folder)
    home.mapping(MAPPING)
    home.raw(content)
    (report,) = home.load()
    assert report.problems == []
    return home, [(row.lines, row.accepted, row.quarantined, row.known) for row in report.files]


def test_a_line_fills_an_entity_as_often_as_it_concerns_it(tmp_path: Path) -> None:
    home, rows = loaded(tmp_path, CLEAN)
    assert rows == [(5, 5, 0, 0)]
    assert home.query("SELECT kind, count(DISTINCT row_key) FROM landing.transactions GROUP BY 1 ORDER BY 1") == [
        ("deposit", 3),
        ("sale", 2),
    ]
    assert home.load()[0].batch is None, "an unchanged file is known whole"


def test_a_line_that_meets_no_where_is_quarantined(tmp_path: Path) -> None:
    home, rows = loaded(tmp_path, CLEAN + "C,,,30\n")
    assert rows == [(6, 5, 1, 0)]
    assert [(line, rule, text) for line, _, rule, _, _, text in home.quarantine()] == [(5, "where", "C,,,30")]


def test_a_line_on_which_where_fails_is_not_lost(tmp_path: Path) -> None:
    home, rows = loaded(tmp_path, CLEAN + "D,,soon,40\n")
    assert rows == [(6, 5, 1, 0)]
    assert [(line, rule, field) for line, _, rule, field, *_ in home.quarantine()] == [(5, "type", "occurred_at")]


def test_a_ragged_line_counts_for_each_way(tmp_path: Path) -> None:
    home, rows = loaded(tmp_path, CLEAN + "E,2025-01-01\n")
    assert rows == [(7, 5, 2, 0)]
    assert {rule for _, _, rule, *_ in home.quarantine()} == {"ragged_row"}
