"""Landing after an erasure equals the landing of a home that never had the person."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest import landing
from pipelines.ingest.landing.balance import unbalanced
from pipelines.integrity.verify import verify
from pipelines.privacy import erase as work
from pipelines.privacy.person import PersonUnknown
from tests.erasure import places_with
from tests.ingest_home import NOW, IngestHome

CRM = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
quarantine_bar: 0.9
files:
  - path: "leads*.csv"
    entities:
      leads: {lead_id: id, created_at: created, full_name: name, phone: phone, email: mail, referred_by: by}
  - path: "calls*.csv.gz"
    entities:
      interactions: {interaction_id: no, lead_id: lead, occurred_at: at, kind: {value: call}, topic: topic,
                     satisfaction_score: score}
"""
HER = ["Q-77", "13812345678", "138 1234 5678", "li.na@example.com", "LI.NA@example.com", "李娜"]
LEADS = [
    "id,created,name,phone,mail,by",
    "Q-76,2025-11-01,王芳,13912345670,,",
    "Q-77,2025-11-02,李娜,138 1234 5678,LI.NA@example.com,",
    "Q-77,2025-11-02,李娜,138 1234 5678,LI.NA@example.com,",
    "Q-78,2025-11-03,张伟,,,Q-77",
    "Q-77,no day,李娜,13812345678,,",
    "Q-79,no day,赵敏,13712345671,,",
]
CALLS = [
    "no,lead,at,topic,score",
    "C1,Q-76,2025-12-01 10:00,price,good",
    "C2,Q-77,2025-12-01 11:00,price,12",
    "C3,Q-78,2025-12-01 12:00,call 13812345678,4",
    "C4,Q-79,2025-12-02 12:00,,",
]
LATER = ["Q-80,2026-01-15,陈静,,,", "Q-76,2025-11-01,王芳,13912345671,,"]


def _without_her(lines: list[str]) -> list[str]:
    own = [line for line in lines if not line.startswith("Q-77") and ",Q-77,2" not in line]
    return [line.replace("Q-77", "").replace("call 13812345678", "") for line in own]


def _fill(folder: Path, leads: list[str], calls: list[str]) -> IngestHome:
    home = IngestHome.at(folder, pseudonym_key="key of the tests, long enough", _env_file=None)
    home.mapping(CRM, "crm")
    home.raw("\n".join(leads) + "\n", "leads.csv", "crm")
    home.raw(gzip.compress(("\n".join(calls) + "\n").encode(), mtime=0), "calls.csv.gz", "crm")
    home.load()
    home.raw("\n".join([*leads, *LATER]) + "\n", "leads-2.csv", "crm")
    home.load(NOW + timedelta(days=1))
    return home


def _erase(home: IngestHome, who: str) -> work.Erasure:
    return work.erase(home.settings, work.look_up(home.settings, who), lambda _: None)


def _shown(home: IngestHome) -> dict[str, list[tuple]]:
    return {
        table: home.query(f"SELECT * EXCLUDE ({without}) FROM landing.{table} ORDER BY ALL")
        for table, without in (
            ("leads", "line, batch"),
            ("interactions", "line, batch, content_hash"),
            ("files", "batch, content"),
            ("quarantine", "batch"),
            ("emptied", "batch"),
        )
    }


@pytest.fixture
def both(tmp_path: Path) -> tuple[IngestHome, IngestHome]:
    return (
        _fill(tmp_path / "home", LEADS, CALLS),
        _fill(tmp_path / "never", _without_her(LEADS), _without_her(CALLS)),
    )


@pytest.mark.parametrize("who", ["crm:Q-77", "+86 138-1234-5678", "li.na@example.com"])
def test_landing_equals_one_that_never_had_the_person(both, who):
    home, never = both
    decisions = "decision,record_a,record_b,decided_on,reason\nseparate,crm:Q-76,crm:Q-77,2025-12-01,\n"
    home.settings.identity_overrides.write_text(decisions, encoding="utf-8")
    done = _erase(home, who)
    assert done.left == []
    assert done.counts["decisions about identity"] == 1
    assert places_with(home.settings.home, HER) == []
    shown, expected = _shown(home), _shown(never)
    # A blanked cell keeps the hash of the row as it was sent, so that the same row is known when it comes again.
    hashed = [[row[:5] + row[6:] for row in rows["leads"]] for rows in (shown, expected)]
    assert hashed[0] == hashed[1]
    assert {name: rows for name, rows in shown.items() if name != "leads"} == {
        name: rows for name, rows in expected.items() if name != "leads"
    }
    assert unbalanced(home.settings) == []
    assert verify(home.settings.home).faults == []


def test_references_to_rows_of_a_rejected_batch_follow_the_rows(both):
    home, never = both
    for one in both:
        landing.reject(one.settings, landing.committed(one.settings)[0].batch, "twice")
    _erase(home, "crm:Q-77")
    query = "SELECT lead_id, known_at, created_at, has_phone FROM landing.leads ORDER BY ALL"
    assert home.query(query) == never.query(query)
    assert [row[0] for row in home.query(query)] == ["Q-76", "Q-78", "Q-80"]
    assert unbalanced(home.settings) == []


def test_a_file_that_is_sent_again_brings_nobody_back(both):
    home, _ = both
    before = home.query("SELECT count(*) FROM landing.leads")
    _erase(home, "crm:Q-77")
    home.raw("\n".join([*LEADS, "Q-99,2025-12-30,李娜,13812345678,,"]) + "\n", "leads-3.csv", "crm")
    reports = home.load(NOW + timedelta(days=2))
    assert "rows of erased persons that were left out: 4" in reports[0].notes[-1]
    rows = home.query("SELECT DISTINCT lead_id FROM landing.leads ORDER BY 1")
    assert rows == [("Q-76",), ("Q-78",), ("Q-80",)]
    assert before[0][0] > 0


def test_a_later_enquiry_of_the_person_is_a_new_record(both):
    home, _ = both
    _erase(home, "crm:Q-77")
    home.raw("id,created,name,phone,mail,by\nQ-100,2098-01-01,李娜,13812345678,,\n", "leads-4.csv", "crm")
    home.load(NOW + timedelta(days=2))
    assert ("Q-100",) in home.query("SELECT lead_id FROM landing.leads")


def test_a_dry_run_changes_nothing_and_an_unknown_person_is_named_so(both):
    home, _ = both
    files = {path: path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file()}
    person = work.look_up(home.settings, "crm:Q-77")
    assert work.erase(home.settings, person, lambda _: None, dry_run=True).counts["landing: rows of leads"] > 0
    assert {path: path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file()} == files
    with pytest.raises(PersonUnknown, match="no lead of"):
        work.look_up(home.settings, "crm:Q-1")


PULLED = """\
source: crm
root: ../pulled/crm
timezone: Asia/Shanghai
files:
  - path: "leads/*.parquet"
    entities:
      leads: {lead_id: id, created_at: created, phone: phone, referred_by: referred_by_id}
  - path: "calls/*.parquet"
    entities:
      interactions: {interaction_id: id, lead_id: lead_id, occurred_at: day, kind: {value: call}, topic: topic}
  - path: "flats/*.parquet"
    entities:
      properties: {property_id: id, project: project}
"""
PULLED_ROWS = {
    "leads": "(76, '2025-11-01', '13912345670', NULL), (77, '2025-11-02', '138 1234 5678', NULL), "
    "(78, '2025-11-03', '13712345670', 77)",
    "calls": "(77, 76, '2025-12-01 10:00', 'price'), (78, 77, '2025-12-01 11:00', 'price'), "
    "(79, 78, '2025-12-01 12:00', 'call 13812345678')",
    "flats": "(77, 'Riverside'), (78, 'Park')",
    "notes": "('her', 'ask 13812345678'), ('other', 'ask 13912345670')",
}
PULLED_COLUMNS = {
    "leads": "id, created, phone, referred_by_id",
    "calls": "id, lead_id, day, topic",
    "flats": "id, project",
    "notes": "about, text",
}


def test_rows_of_a_database_go_by_the_columns_of_the_mapping(tmp_path):
    """Call 77, flat 77 and the lead that the person brought stay; a table that no mapping reads is searched too."""
    home = IngestHome.at(tmp_path / "home", pseudonym_key="key of the tests, long enough", _env_file=None)
    home.mapping(PULLED, "crm")
    pulled = home.settings.pulled / "crm"
    for table, rows in PULLED_ROWS.items():
        (pulled / table).mkdir(parents=True)
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT * FROM (VALUES {rows}) AS rows ({PULLED_COLUMNS[table]})) TO ? (FORMAT parquet)",
                [str(pulled / table / "000001.parquet")],
            )
    home.load()
    done = _erase(home, "crm:77")
    assert done.left == []
    assert places_with(home.settings.home, HER[1:3]) == []
    left = {table: duckdb.read_parquet(str(pulled / table / "*.parquet")).fetchall() for table in PULLED_ROWS}
    assert [row[0] for row in left["leads"]] == [76, 78]
    assert [row[3] for row in left["leads"]] == [None, None]
    assert [(row[0], row[3]) for row in left["calls"]] == [(77, "price"), (79, None)]
    assert [row[0] for row in left["flats"]] == [77, 78]
    assert [row[0] for row in left["notes"]] == ["other"]
    home.load(NOW + timedelta(days=1))
    assert home.query("SELECT lead_id FROM landing.leads ORDER BY 1") == [("76",), ("78",)]
    assert home.query("SELECT count(*) FROM landing.properties") == [(2,)]
    assert unbalanced(home.settings) == []
