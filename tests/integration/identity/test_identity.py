"""Identity and dbt on one home have the same customers on every day, with odd phones and corrected dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.scoring.build_snapshots import build_core
from tests.ingest_home import IngestHome

# Texts that are no person's number, a float of a spreadsheet, two numbers in a cell.
CONTACTS = """\
id,created,phone,email
K1,2025-03-01,138****0001,
K2,2025-03-02,138****0001,
K3,2025-03-03,139xxxx0002,
K4,2025-03-04,139xxxx7777,
K5,2025-03-05,010-62345678 ext 8001,
K6,2025-03-06,010-62345678 ext 8002,
K7,2025-03-07,00000000000,
K8,2025-03-08,00000000000,
K9,2025-03-09,12345,
K10,2025-03-10,12345,
K11,2025-03-11,13800000001,
K12,2025-03-12,13800000001.0,
K13,2025-03-13,13900000003/13900000004,
K14,2025-03-14,13900000004,
K15,2025-03-15,1.38E+10,none@none.com
K16,2025-03-16,1.38E+10,none@none.com
K17,2025-03-17,13800000001,
"""
DEALS = """\
deal,id,day,amount,seen
HT1,K1,2025-04-01,3800000,2025-04-01
HT2,K11,2025-04-02,1000000,2025-04-02
HT2,K11,2025-07-12,1000000,2025-05-02
"""
# A correction moves A to a later date; another moves C to an earlier date and gives it the phone of B.
CORRECTIONS = """\
id,created,phone,seen
A,2025-06-01 09:00,13811110001,2025-06-01 10:00
A,2025-07-10 09:00,13811110009,2025-06-05 10:00
B,2025-06-02 09:00,13811110002,2025-06-02 10:00
C,2025-08-01 09:00,13811110003,2025-06-03 10:00
C,2025-06-03 09:00,13811110002,2025-06-20 10:00
"""
BLOCKED = """\
id,created,phone
D,2025-06-11 02:00,13800000001/13811110001
F,2025-06-12 00:00,13800000001
"""
MAPPINGS = {
    "blocked": """\
source: blocked
root: ../raw/blocked
timezone: Asia/Shanghai
history: true
files:
  - path: leads.csv
    entities:
      leads: {lead_id: id, created_at: created, phone: phone, status: {value: do_not_contact}}
""",
    "crm": """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
currency: CNY
history: true
files:
  - path: leads.csv
    entities:
      leads: {lead_id: id, created_at: created, phone: phone, email: email}
""",
    "deals": """\
source: crm2
root: ../raw/deals
timezone: Asia/Shanghai
currency: CNY
history: {known_at: seen}
files:
  - path: deals.csv
    entities:
      transactions: {transaction_id: deal, lead_id: id, occurred_at: day, kind: {value: sale}, amount: amount}
      leads: {implied: true, lead_id: id, created_at: day}
""",
    "moved": """\
source: moved
root: ../raw/moved
timezone: Asia/Shanghai
history: {known_at: seen}
files:
  - path: leads.csv
    entities:
      leads: {lead_id: id, created_at: created, phone: phone}
""",
}
DAYS = [date(2025, 6, 4), date(2025, 6, 10), date(2025, 6, 30), date(2025, 7, 31)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = IngestHome.at(tmp_path_factory.mktemp("home"))
    for name, mapping in MAPPINGS.items():
        home.mapping(mapping, name)
    home.raw(CONTACTS, "leads.csv", "crm")
    home.raw(DEALS, "deals.csv", "deals")
    home.raw(CORRECTIONS, "leads.csv", "moved")
    home.raw(BLOCKED, "leads.csv", "blocked")
    home.load()
    warehouse = home.settings.home / "core" / "warehouse.duckdb"
    warehouse.parent.mkdir()
    build_core(home.settings, warehouse, DAYS, "run")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        yield connection


def test_identity_and_dbt_have_the_same_records_on_every_day(built: duckdb.DuckDBPyConnection) -> None:
    records = [
        built.execute(f"SELECT as_of, record_key, customer_key FROM {table} ORDER BY ALL").fetchall()
        for table in ("identity.customer_records", "intermediate.int_records__by_as_of")
    ]
    assert records[0] == records[1]
    unknown = built.execute("SELECT count(*) FROM core.customers WHERE first_known_at IS NULL").fetchone()
    assert unknown == (0,)


def _customers(built: duckdb.DuckDBPyConnection, day: date, source: str) -> set[frozenset[str]]:
    rows = built.execute(
        "SELECT list(record_key[len(?) + 2:]) FROM identity.customer_records WHERE as_of = ? "
        "AND starts_with(record_key, ? || ':') GROUP BY customer_key",
        [source, day, source],
    ).fetchall()
    return {frozenset(names) for (names,) in rows}


def test_a_record_of_the_next_day_is_linked_to_the_customers_with_one_of_its_contacts(
    built: duckdb.DuckDBPyConnection,
) -> None:
    # D is new on 11 June, with the phones of two customers; F comes a day later.
    links = built.execute("SELECT as_of, record_key, customer_key FROM identity.contact_records ORDER BY ALL")
    assert links.fetchall() == [
        (date(2025, 6, 10), "blocked:D", "crm:K11"),
        (date(2025, 6, 10), "blocked:D", "moved:A"),
    ]


def test_a_text_that_is_no_phone_of_one_person_links_no_records(built: duckdb.DuckDBPyConnection) -> None:
    alone = {frozenset([f"K{n}"]) for n in (*range(1, 11), 15, 16)}
    together = {frozenset(["K11", "K12", "K17"]), frozenset(["K13", "K14"])}
    assert _customers(built, date(2025, 6, 30), "crm") == alone | together


def test_each_reason_of_an_unusable_contact_is_counted(built: duckdb.DuckDBPyConnection) -> None:
    checks = built.execute(
        "SELECT rule, rows_failed, rows_checked FROM identity.contact_checks WHERE as_of = DATE '2025-06-30'"
    ).fetchall()
    assert {rule: failed for rule, failed, _ in checks if failed} == {
        "phone_masked": 4,
        "phone_placeholder": 2,
        "phone_too_short": 2,
        "phone_digits_lost": 2,
        "email_placeholder": 2,
    }
    assert {(rule, checked) for rule, _, checked in checks if rule.endswith("_masked")} == {
        ("phone_masked", 22),
        ("email_masked", 2),
    }
    assert len(checks) == 11


@pytest.mark.parametrize(
    ("day", "customers"),
    [
        (date(2025, 6, 4), [{"A"}, {"B"}]),
        (date(2025, 6, 10), [{"A"}, {"B"}]),
        (date(2025, 6, 30), [{"A"}, {"B", "C"}]),
        (date(2025, 7, 31), [{"A"}, {"B", "C"}]),
    ],
)
def test_a_known_lead_stays_known_if_a_correction_gives_it_a_later_date(
    built: duckdb.DuckDBPyConnection, day: date, customers: list[set[str]]
) -> None:
    assert _customers(built, day, "moved") == {frozenset(names) for names in customers}
    created = built.execute(
        "SELECT created_at::DATE::VARCHAR FROM intermediate.int_records__by_as_of "
        "WHERE as_of = ? AND record_key = 'moved:A'",
        [day],
    ).fetchall()
    assert created == [("2025-06-01",) if day < date(2025, 7, 10) else ("2025-07-10",)]


def test_a_deal_with_a_corrected_later_date_has_not_happened_yet(built: duckdb.DuckDBPyConnection) -> None:
    deals = "SELECT as_of::VARCHAR, transaction_key FROM intermediate.int_transactions__by_as_of ORDER BY ALL"
    assert built.execute(deals).fetchall() == [
        *[(str(day), "crm2:HT1") for day in DAYS],
        (str(DAYS[-1]), "crm2:HT2"),
    ]
