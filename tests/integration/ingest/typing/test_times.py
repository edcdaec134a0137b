"""Times are instants or quarantined. A day outside the valid span is a fault of its row in every field."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.dry_run import dry_run
from tests.ingest_home import IngestHome, counts

MAPPING = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
history: true
quarantine_bar: 1
files:
  - path: leads.csv
    entities:
      leads: {lead_id: id, created_at: created}
"""
DEALS = """\
  - path: deals.csv
    entities:
      transactions: {transaction_id: deal, lead_id: id, occurred_at: day, kind: {value: sale}, amount: amount}
"""
REQUIRED = {
    "leads": {"lead_id": "id", "created_at": "2024-01-01"},
    "interactions": {"interaction_id": "id", "lead_id": "A", "occurred_at": "2024-01-01", "kind": "call"},
    "transactions": {
        "transaction_id": "id", "lead_id": "A", "occurred_at": "2024-01-01", "kind": "sale", "amount": "1",
    },
    "agents": {"agent_id": "id"},
    "properties": {"property_id": "id"},
    "costs": {"month": "2024-01-01", "channel": "id", "amount": "1"},
}  # fmt: skip
DATED = [
    (entity.name, field.name)
    for entity in ENTITIES.values()
    for field in entity.fields
    if field.type in ("timestamp", "date")
]
NO_DAYS = {
    "1900-01-01": "span", "0001-01-01": "span", "9999-12-31": "span", "1899-12-31 23:00:00": "span", "24-03-05": "type",
    "5/1/24": "type", "24/3/7": "type", "99999-12-31": "type", "2025-02-30": "type", "2025-01-01 10:00 CST": "type",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    return IngestHome.at(tmp_path)


def test_a_time_with_its_zone_is_an_instant(home: IngestHome) -> None:
    home.mapping(MAPPING + DEALS)
    home.raw("id,created\nA,2024-01-01\nB,2024-01-01\n", "leads.csv")
    home.raw(
        "deal,id,day,amount\nt1,A,2025-06-30 17:30:00 UTC,1000000\nt2,B,2025-06-30T17:30:00Z,1000000\n"
        "t3,B,2025-07-01 01:30:00 +08:00,1\nt4,B,2025-06-30 19:30:00 Europe/Berlin,1\nt5,B,2025-07-01 01:30 CST,1\n",
        "deals.csv",
    )
    home.load()
    known = home.query("SELECT transaction_id, CAST(occurred_at AS VARCHAR) FROM landing.transactions ORDER BY 1")
    assert known == [(f"t{number}", "2025-06-30 17:30:00") for number in (1, 2, 3, 4)]
    assert [row[:4] for row in home.quarantine()] == [(6, "transactions", "type", "occurred_at")]


def test_a_year_of_two_digits_is_quarantined_by_row(home: IngestHome) -> None:
    home.mapping(MAPPING)
    home.raw("id,created\nA,24-03-05\nB,5/1/24\nC,24/3/7\nD,2024-03-05\n", "leads.csv")
    (report,) = home.load()
    assert counts(report) == (4, 1, 3, 0)
    assert [row[:4] for row in home.quarantine()] == [(line, "leads", "type", "created_at") for line in (2, 3, 4)]


@pytest.mark.parametrize(("entity", "field"), DATED)
def test_days_that_no_business_writes_do_not_fit(home: IngestHome, entity: str, field: str) -> None:
    good = REQUIRED[entity] | {field: "2024-01-01"}
    names = list(good)
    home.mapping(
        MAPPING[: MAPPING.index("  - path")]
        + f"  - path: rows.csv\n    entities:\n      {entity}: {{{', '.join(f'{name}: {name}' for name in names)}}}\n"
    )
    rows = [good, *(good | {field: text} for text in NO_DAYS)]
    lines = [
        ",".join(f"{text}{number}" if text == "id" else text for text in row.values())
        for number, row in enumerate(rows)
    ]
    home.raw("\n".join([",".join(names), *lines]) + "\n", "rows.csv")
    said = dry_run(home.settings, "shop", 20)
    (report,) = home.load()
    contract = ENTITIES[entity]
    if contract.empties(contract.field(field)):
        rules = Counter(NO_DAYS.values())
        assert {(one.field, one.rule): one.rows for one in report.batch.emptied} == {
            (field, rule): rows for rule, rows in rules.items()
        }
        return
    found = home.quarantine()
    assert [(row[0], row[2], row[3]) for row in found] == [
        (line, rule, field) for line, rule in enumerate(NO_DAYS.values(), 3)
    ]
    assert [(line.line, line.message) for line in said.lines] == [(row[0], row[4]) for row in found]


def test_numbers_that_no_sum_can_hold_do_not_fit(home: IngestHome) -> None:
    home.mapping(MAPPING[: MAPPING.index("  - path")] + DEALS + "  - path: agents.csv\n    entities:\n"
                 "      agents: {agent_id: id, capacity_per_day: n}\n")  # fmt: skip
    home.raw("deal,id,day,amount\nt1,A,2025-06-30,9999999999999\nt2,B,2025-06-30,1\n", "deals.csv")
    home.raw("id,n\nA,3000000000\nB,3\n", "agents.csv")
    home.load()
    assert [row[:4] for row in home.quarantine()] == [(2, "transactions", "maximum", "amount")]
    assert home.query("SELECT capacity_per_day FROM landing.agents ORDER BY 1 NULLS FIRST") == [(None,), (3,)]
