"""A new key changes every customer_id, and nothing else."""

from __future__ import annotations

import stat

import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.home.key import load_secret, pseudonym, published_secrets, rotate
from pipelines.home.prepare import check_home, take_home
from pipelines.home.remembered import SettingsChanged
from pipelines.ingest.landing.erased import read_marks
from pipelines.privacy import erase as work
from pipelines.privacy.audit import entries
from tests.ingest_home import IngestHome

MAPPING = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
files:
  - path: "leads*.csv"
    entities:
      leads: {lead_id: {expr: private_id(name)}, created_at: created, full_name: name, phone: phone}
"""
LEADS = "name,created,phone\nWang,2025-01-01,13912345670\nLi,2025-01-02,13912345671\n"


@pytest.fixture
def home(tmp_path, monkeypatch) -> IngestHome:
    home = IngestHome.at(tmp_path / "home", _env_file=None)
    monkeypatch.setenv("TIERHOUSE_HOME", str(home.settings.home))
    monkeypatch.delenv("TIERHOUSE_PSEUDONYM_KEY", raising=False)
    home.mapping(MAPPING, "crm")
    home.raw(LEADS, "leads.csv", "crm")
    home.load()
    take_home(home.settings, print)
    return home


def _rotate(reason: str = "a BI export was lost") -> str:
    said = CliRunner().invoke(cli, ["rotate-key", reason, "--yes"])
    assert said.exit_code == 0, said.output
    return said.output


def test_ids_of_customers_change_and_those_of_landing_stay(home):
    [record] = home.query("SELECT row_key FROM landing.leads ORDER BY created_at LIMIT 1")[0]
    person = work.look_up(home.settings, record)
    assert "Rotated. The next run publishes new ids" in _rotate()
    rotated = work.look_up(home.settings, record)
    # An erasure finds the ids of older versions, too.
    assert rotated.customers == (*person.customers, pseudonym(record, published_secrets(home.settings)[-1]))
    assert len(set(rotated.customers)) == 2
    home.raw(LEADS + "Zhao,2025-01-03,13912345672\n", "leads.csv", "crm")
    (report,) = home.load()
    assert [(one.accepted, one.known) for one in report.files] == [(1, 2)], "private_id keeps its key"
    assert stat.S_IMODE(home.settings.published_keys.stat().st_mode) == 0o600


def test_marks_of_erased_persons_still_match(home):
    [record] = home.query("SELECT row_key FROM landing.leads ORDER BY created_at LIMIT 1")[0]
    work.erase(home.settings, work.look_up(home.settings, record), lambda _: None)
    marks = read_marks(home.settings)
    _rotate()
    home.raw(LEADS + "Zhao,2025-01-03,13912345672\n", "leads-2.csv", "crm")
    home.load()
    assert read_marks(home.settings) == marks
    assert (record,) not in home.query("SELECT row_key FROM landing.leads")
    assert len(home.query("FROM landing.leads")) == 2


def test_the_home_remembers_the_rotation(home):
    _rotate()
    _rotate("again")
    check_home(home.settings, print)
    assert len(published_secrets(home.settings)) == 3
    assert [entry.detail["reason"] for entry in entries(home.settings)] == ["a BI export was lost", "again"]
    home.settings.published_keys.write_bytes(b"")
    with pytest.raises(SettingsChanged, match="is another key"):
        check_home(home.settings, print)


@pytest.mark.usefixtures("home")
def test_a_reason_and_a_key_are_needed(tmp_path, monkeypatch):
    assert "expected a reason" in CliRunner().invoke(cli, ["rotate-key", " ", "--yes"]).output
    (tmp_path / "new").mkdir()
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path / "new"))
    assert "no key yet" in CliRunner().invoke(cli, ["rotate-key", "x", "--yes"]).output


def test_the_key_of_the_home_stays(home):
    before = load_secret(home.settings)
    rotate(home.settings)
    assert load_secret(home.settings) == before
