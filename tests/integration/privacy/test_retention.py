"""Retention periods erase persons without activity, and empty old quarantined lines."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.home.prepare import take_home
from pipelines.ingest.landing.balance import unbalanced
from pipelines.integrity.verify import verify
from pipelines.orchestration.resources import Home
from pipelines.privacy import retention as work
from pipelines.privacy.audit import entries
from pipelines.privacy.job import retention, weekly_retention
from pipelines.rules.check import RulesRefused
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
      leads: {lead_id: id, created_at: created, phone: phone}
  - path: "calls*.csv"
    entities:
      interactions: {lead_id: lead, occurred_at: day, kind: {value: call}}
  - path: "deals*.csv"
    entities:
      transactions: {lead_id: lead, occurred_at: day, kind: {value: rental}, amount: {value: "1"}, lease_end: until}
"""
LEADS = [
    "id,created,phone",
    "silent,2001-01-01,13912345670",
    "called,2001-01-01,13912345671",
    "tenant,2001-01-01,13912345672",
    "past-tenant,2001-01-01,13912345673",
    "broken,no day,13912345674",
]
CALLS = ["lead,day", "called,2098-01-01", "silent,2001-02-01"]
DEALS = ["lead,day,until", "tenant,2001-03-01,2098-01-01", "past-tenant,2001-03-01,2002-01-01"]
PERIODS = "entity,days\nleads,365\ncustomers,3650\nquarantine,180\n"


@pytest.fixture
def home(tmp_path) -> IngestHome:
    home = IngestHome.at(tmp_path / "home", pseudonym_key="key of the tests, long enough", _env_file=None)
    home.mapping(CRM, "crm")
    for name, lines in (("leads", LEADS), ("calls", CALLS), ("deals", DEALS)):
        home.raw("\n".join(lines) + "\n", f"{name}.csv", "crm")
    home.load(NOW)
    return home


def _due(home: IngestHome) -> work.Due:
    return work.find_due(home.settings, work.read_periods(home.settings))


def test_what_is_due_goes_and_the_rest_stays(home):
    assert _due(home) == work.Due([], [])
    home.settings.retention.write_text(PERIODS)
    due = _due(home)
    assert due.persons == [("leads", ["crm:silent"]), ("customers", ["crm:past-tenant"])]
    assert due.count("quarantine") == 1
    counts = work.apply_periods(home.settings, due, lambda _: None)
    assert (counts["landing: rows of leads"], counts["quarantine: texts of lines"]) == (2, 1)
    gone = ["silent", "13912345670", "past-tenant", "13912345673"]
    assert places_with(home.settings.home, gone) == []
    assert home.query("SELECT lead_id FROM landing.leads ORDER BY 1") == [("called",), ("tenant",)]
    [(line, entity, rule, *_, text)] = home.quarantine()
    assert (line, entity, text) == (6, "leads", "")
    assert rule
    assert unbalanced(home.settings) == []
    assert verify(home.settings.home).faults == []
    assert _due(home) == work.Due([], [])
    [entry] = [entry for entry in entries(home.settings) if entry.action == "retention"]
    assert entry.detail == {"leads": 1, "customers": 1, "quarantine": 1}


def test_records_of_one_customer_stay_together(home):
    """The last run linked `silent` with `called`, who is active."""
    with duckdb.connect(str(home.settings.restricted)) as directory:
        directory.execute("CREATE TABLE directory (record_key VARCHAR, customer_key VARCHAR)")
        directory.execute("INSERT INTO directory VALUES ('crm:silent', 'crm:called'), ('crm:called', 'crm:called')")
    home.settings.retention.write_text(PERIODS)
    assert _due(home).persons == [("customers", ["crm:past-tenant"])]


def test_a_person_who_is_sent_again_stays_erased(home):
    home.settings.retention.write_text("entity,days\nleads,365\n")
    work.apply_periods(home.settings, _due(home), lambda _: None)
    home.raw("\n".join(LEADS) + "\n", "leads-2.csv", "crm")
    home.load()
    assert ("silent",) not in home.query("SELECT lead_id FROM landing.leads")


def test_the_job_applies_the_periods(home, monkeypatch):
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))
    monkeypatch.setenv("TIERHOUSE_PSEUDONYM_KEY", "key of the tests, long enough")
    take_home(home.settings, print)
    at = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 12, 6, tzinfo=UTC))
    assert "everything is kept" in weekly_retention(at).skip_message
    home.settings.retention.write_text(PERIODS)
    assert weekly_retention(at).run_key == "retention 2026-12-06"
    assert retention.execute_in_process(resources={"home": Home()}).success
    assert home.query("SELECT count(*) FROM landing.leads") == [(2,)]


def test_the_command_shows_and_applies(home, monkeypatch):
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))
    monkeypatch.setenv("TIERHOUSE_PSEUDONYM_KEY", "key of the tests, long enough")
    said = CliRunner().invoke(cli, ["retention"])
    assert "does not exist, so everything is kept" in said.output
    home.settings.retention.write_text(PERIODS)
    said = CliRunner().invoke(cli, ["retention"])
    assert "leads       kept 365 days; persons that are due: 1" in said.output, said.output
    assert home.query("SELECT count(*) FROM landing.leads") == [(4,)]
    said = CliRunner().invoke(cli, ["retention", "--apply"])
    assert "erased 2 of 2 persons" in said.output, said.output
    assert home.query("SELECT count(*) FROM landing.leads") == [(2,)]


def test_faults_name_file_line_and_field(home):
    home.settings.retention.write_text("entity,days\nlead,365\nquarantine,3\n")
    with pytest.raises(RulesRefused) as refused:
        work.read_periods(home.settings)
    assert "retention.csv, line 2: entity: expected one of leads, customers, quarantine" in str(refused.value)
    assert "retention.csv, line 3: days: expected" in str(refused.value)
