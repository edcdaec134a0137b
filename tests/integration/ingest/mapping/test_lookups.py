"""Columns of other files: a contact is the record of its lead, and a payment belongs to the lead of its deal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pipelines.ingest.errors import MappingError
from pipelines.ingest.landing.balance import unbalanced
from pipelines.ingest.mapping.load import load_mapping
from tests.ingest_home import NOW, IngestHome, counts

MAPPING = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
quarantine_bar: 0.9
files:
  - path: Leads*.csv
    ignore: "\\"Converted To\\" IS NOT NULL"
    entities:
      leads:
        lead_id: Id
        created_at: Created
        channel: Source
  - path: Contacts*.csv
    lookups:
      lead: {in: Leads*.csv, on: {Id: Converted To}}
    entities:
      leads:
        lead_id: {expr: 'coalesce("lead.Id", Id)'}
        created_at: {expr: 'coalesce("lead.Created", Created)'}
        channel: lead.Source
  - path: Deals*.csv
    entities:
      costs: {month: Day, channel: Id, amount: {value: "0"}}
  - path: Payments*.csv
    lookups:
      deal: {in: Deals*.csv, on: {Deal: Id}}
      contact: {in: Contacts*.csv, on: {deal.Contact: Id}}
      lead: {in: Leads*.csv, on: {contact.Id: Converted To}}
    entities:
      transactions:
        lead_id: {expr: 'coalesce("lead.Id", "contact.Id")'}
        deal_id: Deal
        occurred_at: Day
        kind: {value: sale}
        amount: Amount
"""
LEADS = "Id,Created,Source,Converted To\nL1,2025-01-01,web,C1\nL2,2025-01-02,walk-in,\n"
CONTACTS = "Id,Created\nC1,2025-02-01\nC2,2025-02-02\n"
DEALS = "Id,Contact,Day\nD1,C1,2025-03-01\nD2,C2,2025-03-02\n"
PAYMENTS = "Deal,Day,Amount\nD1,2025-03-05,10\nD2,2025-03-06,20\nD9,2025-03-07,30\n"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING)
    for name, text in (("Leads", LEADS), ("Contacts", CONTACTS), ("Deals", DEALS), ("Payments", PAYMENTS)):
        home.raw(text, f"{name}.csv")
    return home


def _leads(home: IngestHome) -> list[tuple]:
    return home.query("SELECT lead_id, CAST(created_at AS DATE)::VARCHAR, channel FROM landing.leads ORDER BY ALL")


def test_rows_take_columns_of_other_files(home: IngestHome) -> None:
    (report,) = home.load()
    assert report.problems == []
    assert _leads(home) == [
        ("C2", "2025-02-01", None),
        ("L1", "2024-12-31", "web"),
        ("L2", "2025-01-01", "walk-in"),
    ]
    assert home.query("SELECT deal_id, lead_id FROM landing.transactions ORDER BY 1") == [("D1", "L1"), ("D2", "C2")]
    # A payment of an unknown deal has no lead.
    found = {(rule, field, text.split(",")[0]) for _, _, rule, field, _, text in home.quarantine()}
    assert found == {("required", "lead_id", "D9")}
    assert unbalanced(home.settings) == []
    stored = home.settings.landing / "data" / "*" / "transactions.parquet"
    assert home.query(f"SELECT DISTINCT extra FROM read_parquet('{stored}')") == [(None,)]


def test_a_file_is_read_again_when_a_file_of_its_lookup_changes(home: IngestHome) -> None:
    home.load()
    home.raw(DEALS + "D9,C1,2025-03-03\n", "Deals.csv")
    (report,) = home.load(NOW + timedelta(days=1))
    rows = {(one.file, one.entity): counts_of(one) for one in report.files}
    assert rows["Payments.csv", "transactions"] == (3, 1, 0, 2)
    assert home.query("SELECT lead_id FROM landing.transactions WHERE deal_id = 'D9'") == [("L1",)]
    (again,) = home.load(NOW + timedelta(days=2))
    assert again.batch is None


def counts_of(report: object) -> tuple[int, ...]:
    return tuple(getattr(report, name) for name in ("lines", "accepted", "quarantined", "known"))


def test_the_last_delivery_of_a_key_counts(home: IngestHome) -> None:
    home.raw("Id,Contact,Day\nD2,C1,2025-03-02\n", "Deals_2.csv")
    home.load()
    assert ("D2", "L1") in home.query("SELECT deal_id, lead_id FROM landing.transactions")


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("Deals.csv", "Id,Day\nD1,2025-03-01\n", "Deals.csv, line 1, lookups.deal: expected a column 'Contact'"),
        ("Payments.csv", "Deal No,Day,Amount\nD1,2025-03-05,10\n", "Payments.csv, line 1, lookups.deal.on: expected"),
        ("Deals.csv", None, "its look-up needs a file Deals*.csv: no file below"),
    ],
)
def test_missing_columns_and_files_are_named(home: IngestHome, file: str, text: str | None, expected: str) -> None:
    if text is None:
        (home.settings.home / "raw" / "shop" / file).unlink()
    else:
        home.raw(text, file)
    (report,) = home.load()
    assert any(expected in str(refused) for refused in report.refused), list(map(str, report.refused))
    assert counts(report)[1] > 0, "the other files are loaded"


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("{in: Other*.csv, on: {Id: Converted To}}", "lookups.lead.in: expected the path of another entry"),
        ("{in: Leads*.csv}", "lookups.lead: expected {in:"),
        ("{in: Leads*.csv, on: {Id: Id}, as: x}", "lookups.lead.as: unknown key"),
    ],
)
def test_faults_of_the_mapping_have_line_and_place(tmp_path: Path, part: str, expected: str) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING.replace("{in: Leads*.csv, on: {Id: Converted To}}", part, 1))
    with pytest.raises(MappingError, match=r"line 1[456]") as refused:
        load_mapping(home.settings.sources_dir / "shop.yml")
    assert expected in str(refused.value)
