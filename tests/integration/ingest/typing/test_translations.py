"""Translations of a source's words: what `values` lists, and `default` for what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest_home import IngestHome, counts

MAPPING = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
currency: CNY
history: true
quarantine_bar: 1
files:
  - path: "*.csv"
    entities:
      interactions:
        interaction_id: Id
        lead_id: Lead
        occurred_at: At
        kind: {column: Kind, values: {Visit: viewing, Test: ""}, default: message}
        answered: {column: Answered, values: {Taken: true}, default: false}
"""
ROWS = """\
Id,Lead,At,Kind,Answered
1,A,2026-03-07 10:00:00,Visit,Taken
2,A,2026-03-07 11:00:00,Telegram,Missed
3,A,2026-03-07 12:00:00,O'Neil,
4,A,2026-03-07 13:00:00,Test,Taken
5,A,2026-03-07 14:00:00,,Taken
"""


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING)
    home.raw(ROWS)
    return home


def test_a_default_translates_what_is_not_listed_and_leaves_blanks_blank(home: IngestHome) -> None:
    (report,) = home.load()
    assert counts(report) == (5, 3, 2, 0)
    read = home.query("SELECT interaction_id, kind, answered FROM landing.interactions ORDER BY 1")
    assert read == [("1", "viewing", True), ("2", "message", False), ("3", "message", None)]
    assert [row[:4] for row in home.quarantine()] == [(line, "interactions", "required", "kind") for line in (5, 6)]
