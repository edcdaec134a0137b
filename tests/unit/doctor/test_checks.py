"""Every check of the doctor, with a fault that makes it fail, and without."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from filelock import FileLock

from pipelines.alerts.event import Event, Text
from pipelines.alerts.state import Change, State, write_state
from pipelines.doctor import configuration, home, installation, operation, sources
from pipelines.home import settings as settings_module
from pipelines.home.remembered import remember
from pipelines.home.settings import Settings
from pipelines.publish.folders import partial_folder, put_in_place
from tests.planted_home import publish, record_run

MAPPING = """
source: crm
root: ../files
timezone: Asia/Shanghai
files:
  - path: leads*.csv
    entities:
      leads:
        lead_id: id
        created_at: {column: created, format: "%Y-%m-%d"}
"""


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    for name in [name for name in os.environ if name.startswith("TIERHOUSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    tmp_path.chmod(0o700)
    return Settings(home=tmp_path)


def statuses(check, settings: Settings) -> list[str]:
    return [finding.status for finding in check(settings)]


def text(check, settings: Settings) -> str:
    findings = list(check(settings))
    assert all(finding.remedy for finding in findings if finding.status != "ok")
    return "; ".join(f"{finding.status}: {finding.found}; {finding.remedy}" for finding in findings)


def test_an_old_python_is_a_problem(settings, monkeypatch):
    assert statuses(installation.python, settings) == ["ok"]
    monkeypatch.setattr("sys.version_info", (3, 10, 1))
    assert "problem: 3.10.1; install Python 3.11" in text(installation.python, settings)


def test_packages_are_compared_with_the_lock(settings, monkeypatch, tmp_path):
    lock = tmp_path / "requirements.lock"
    monkeypatch.setattr(installation, "LOCK", lock)
    assert "cannot be compared" in text(installation.packages, settings)
    installed = installation._installed("duckdb")
    lock.write_text(f"duckdb=={installed} \\\n    --hash=sha256:00\nclick==0.1 ; python_version < '3'\n")
    assert text(installation.packages, settings).startswith("ok: 1 as in")
    lock.write_text("duckdb==0.0.1 \\\n    --hash=sha256:00\nno-such-package==1.0 \\\n")
    found = text(installation.packages, settings)
    assert f"duckdb {installed} (expected 0.0.1), no-such-package missing (expected 1.0)" in found


def test_a_stale_manifest_of_dbt_is_a_problem(settings, monkeypatch, tmp_path):
    from pipelines.transform import dbt

    assert statuses(installation.dbt_manifest, settings) == ["ok"]
    dbt.manifest.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(dbt, "MANIFEST", tmp_path / "manifest.json")
        assert text(installation.dbt_manifest, settings).endswith("found none; run `make install` in the checkout")
    dbt.manifest.cache_clear()


def test_a_misspelt_variable_is_a_warning(settings, monkeypatch, tmp_path):
    assert statuses(configuration.names, settings) == ["ok"]
    monkeypatch.setenv("TIERHOUSE_TIME_ZONE", "Asia/Dubai")
    (tmp_path / ".env").write_text("export TIERHOUSE_HOME=/x\nTIERHOUSE_REDERS=bi\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    found = text(configuration.names, settings)
    assert "TIERHOUSE_TIME_ZONE is no setting; did you mean TIERHOUSE_TIMEZONE?" in found
    assert "did you mean TIERHOUSE_READERS?" in found and settings_module.variables()[0] == "TIERHOUSE_HOME"


def test_a_limit_above_the_memory_of_the_machine_is_a_warning(settings):
    assert statuses(configuration.memory, settings.model_copy(update={"memory_limit": "100MB"})) == ["ok"]
    assert statuses(configuration.memory, settings.model_copy(update={"memory_limit": "90000 GiB"})) == ["warning"]


def test_addresses_of_alerts_are_checked_without_sending(settings):
    assert "nobody learns" in text(configuration.channels, settings)
    channels = Settings(home=settings.home, alert_urls="wecombot://good-key dingtalk://bad-token!")
    found = text(configuration.channels, channels)
    assert "ok: channel 1 wecombot" in found and "problem: channel 2 dingtalk" in found
    assert "good-key" not in found and "bad-token" not in found


def test_a_server_that_accepts_no_connection_is_a_problem(settings):
    assert statuses(configuration.postgres, settings) == []
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://tierhouse:dbsecret1@127.0.0.1:{closed.getsockname()[1]}/bi"
        found = text(configuration.postgres, Settings(home=settings.home, postgres_url=url))
    assert "127.0.0.1/bi: " in found and "Connection refused" in found and "check that the server runs" in found
    assert "dbsecret1" not in found


def test_a_home_is_writable_and_not_shared(settings, tmp_path):
    assert statuses(home.folder, settings) == ["ok"]
    assert "does not exist yet" in text(home.folder, Settings(home=tmp_path / "new"))
    tmp_path.chmod(0o1777)
    assert "problem" in text(home.folder, settings)
    tmp_path.chmod(0o700)


def test_a_home_of_another_account_is_a_problem(settings, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert "belongs to account" in text(home.folder, settings)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written" in text(home.folder, settings)


@pytest.mark.parametrize(("free", "status"), [(9e8, "problem"), (2e9, "warning"), (4e9, "ok")])
def test_the_disk_has_room_for_runs(settings, monkeypatch, free, status):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free))
    assert statuses(home.disk, settings) == [status]


def test_files_that_other_accounts_can_read_are_a_warning(settings, tmp_path):
    (tmp_path / "landing").mkdir(mode=0o700)
    assert statuses(home.modes, settings) == ["ok"]
    (tmp_path / "landing").chmod(0o755)
    assert f"other accounts can read 1 files, such as {tmp_path / 'landing'}" in text(home.modes, settings)


def test_a_missing_key_and_changed_settings_are_problems(settings, tmp_path):
    assert text(home.key, settings).startswith("ok: the first run makes it")
    (tmp_path / "pseudonym.key").write_text("0123456789abcdef")
    assert text(home.key, settings).startswith("ok: present")
    remember(settings, "fingerprint")
    assert "problem: TIERHOUSE_PSEUDONYM_KEY is another key" in text(home.key, settings)
    (tmp_path / "pseudonym.key").unlink()
    assert "pseudonym.key is gone" in text(home.key, settings)


def test_a_damaged_version_and_a_changed_log_are_found(settings, tmp_path):
    versions = tmp_path / "published" / "versions"
    partial = partial_folder(versions, "2026-06-30-1")
    (partial / "customer_grades.parquet").write_bytes(b"rows")
    put_in_place(partial, versions, "2026-06-30-1", {})
    assert text(home.checksums, settings).startswith("ok: 1 kept")
    (versions / "2026-06-30-1" / "customer_grades.parquet").write_bytes(b"other rows")
    assert text(home.checksums, settings).startswith("warning: 1 damaged files")
    log = tmp_path / "checksums.log"
    log.write_bytes(log.read_bytes().replace(b"manifest", b"manifold"))
    assert text(home.checksums, settings).startswith("problem: ")
    log.unlink()
    assert text(home.checksums, settings).startswith("problem: checksums.log: this home had a checksum log")


def test_leftovers_of_a_killed_run_are_a_warning_unless_a_run_is_under_way(settings, tmp_path):
    assert statuses(home.leftovers, settings) == ["ok"]
    (tmp_path / "published" / "versions" / ".2026-06-30-1.partial").mkdir(parents=True)
    assert "1 unfinished files" in text(home.leftovers, settings)
    locks = tmp_path / "dagster" / "locks"
    locks.mkdir(parents=True)
    with FileLock(locks / "home"):
        assert text(home.leftovers, settings).startswith("ok: a run is under way")


def test_mappings_and_their_files_are_checked(settings, tmp_path):
    assert "no mapping file" in text(sources.sources, settings)
    (tmp_path / "sources").mkdir()
    (tmp_path / "files").mkdir()
    mapping = tmp_path / "sources" / "crm.yml"
    mapping.write_text(MAPPING)
    assert "problem: leads*.csv: no file below" in text(sources.sources, settings)
    (tmp_path / "files" / "leads.csv").write_text("id,created\n1,2026-06-01\n")
    assert text(sources.sources, settings) == "ok: 1 files; "
    mapping.write_text("source: crm\nfilez: []\n")
    assert "problem: crm.yml, line 1, files" in text(sources.sources, settings)


def test_connections_and_their_secrets_are_checked(settings, tmp_path, monkeypatch):
    assert text(sources.connections, settings) == ""
    (tmp_path / "connections").mkdir()
    file = tmp_path / "connections" / "crm.yml"
    file.write_text("kind: database\nurl: postgresql://db/crm\npassword: {env: CRM_PW}\ntables: {leads: {key: id}}\n")
    assert "problem: crm.yml, line 3, password: " in text(sources.connections, settings)
    monkeypatch.setenv("CRM_PW", "secret")
    assert text(sources.connections, settings) == "ok: 1 tables; "


def test_a_file_that_this_account_cannot_read_is_a_problem(settings, tmp_path, monkeypatch):
    (tmp_path / "sources").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "sources" / "crm.yml").write_text(MAPPING)
    (tmp_path / "files" / "leads.csv").write_text("id,created\n")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "leads.csv: permission denied" in text(sources.sources, settings)


def test_rejected_deliveries_are_a_warning(settings, tmp_path):
    assert statuses(sources.drop_folder, settings) == ["ok"]
    (tmp_path / "drop" / "rejected" / "crm-1").mkdir(parents=True)
    assert "1 rejected deliveries, the last crm-1" in text(sources.drop_folder, settings)


def daemon(path, age_seconds: float | None, stopped: str | None = None) -> None:
    (path / "dagster" / "history").mkdir(parents=True, exist_ok=True)
    (path / "dagster" / "schedules").mkdir(exist_ok=True)
    with closing(sqlite3.connect(path / "dagster" / "history" / "runs.db")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS daemon_heartbeats (daemon_type TEXT, timestamp TEXT)")
        if age_seconds is not None:
            at = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=age_seconds)
            connection.execute("INSERT INTO daemon_heartbeats VALUES ('SCHEDULER', ?)", [str(at)])
        connection.commit()
    with closing(sqlite3.connect(path / "dagster" / "schedules" / "schedules.db")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS instigators (instigator_type, status, instigator_body)")
        if stopped:
            body = json.dumps({"origin": {"instigator_name": stopped}})
            connection.execute("INSERT INTO instigators VALUES ('SCHEDULE', 'STOPPED', ?)", [body])
        connection.commit()


def test_a_dead_daemon_and_a_stopped_schedule_are_warnings(settings, tmp_path):
    assert "no daemon: never ran" in text(operation.schedules, settings)
    daemon(tmp_path, 4000)
    assert "no daemon: last seen" in text(operation.schedules, settings)
    publish(tmp_path, str(settings.now().date() - timedelta(days=1)))
    assert text(operation.schedules, settings).startswith("ok: last seen")
    daemon(tmp_path, 20)
    assert text(operation.schedules, settings).startswith("ok: on, daemon alive")
    daemon(tmp_path, None, stopped="daily_at_two")
    assert text(operation.schedules, settings).startswith("warning: daily_at_two stopped")


def test_a_late_publication_is_a_problem(settings, tmp_path):
    assert "nothing is published yet" in text(operation.publication, settings)
    publish(tmp_path, "2020-06-30")
    assert "is not published" in text(operation.publication, settings)
    publish(tmp_path, str(settings.now().date()))
    assert statuses(operation.publication, settings) == ["ok"]


def test_an_old_model_is_a_warning(settings, tmp_path):
    assert "none: grades rest on rules" in text(operation.models, settings)
    store = tmp_path / "model_store"
    store.mkdir()

    today = settings.now().date()

    def decide(**ages: int) -> None:
        decisions = [
            {"event": event, "model_id": event, "trained_through": str(today - timedelta(days=age)), "decision": {}}
            for event, age in ages.items()
        ]
        (store / "champions.json").write_text(json.dumps({"dormancy-90": decisions}))

    decide(promoted=60)
    assert "dormancy-90 was trained through" in text(operation.models, settings)
    decide(promoted=90, kept=60)
    assert "60 days ago" in text(operation.models, settings)
    decide(promoted=10)
    assert statuses(operation.models, settings) == ["ok"]
    decide(promoted=60, kept=10)
    assert statuses(operation.models, settings) == ["ok", "ok"]
    assert f"the older model of {today - timedelta(days=60)} was judged better" in text(operation.models, settings)
    (store / "champions.json").write_text("[")
    assert statuses(operation.models, settings) == ["problem"]


def test_open_events_are_shown_with_their_level(settings, tmp_path):
    publish(tmp_path, "2026-06-30")
    assert statuses(operation.events, settings) == ["ok"]
    publish(tmp_path, "2026-06-30", drifted=["viewings_per_30d"], warned=[("c", "urgent", 1.0)])
    assert text(operation.events, settings).startswith("warning: Drift: model of dormancy")
    record_run(tmp_path, "daily_grading", "2026-06-30", "FAILURE", "run1")
    title = Text("质量关卡 gate_raw 未通过", "Gate gate_raw closed")
    event = Event("run/daily_grading", "gate_raw", "problem", title, title, "run1")
    write_state(settings, State({event.key: Change(event, False, "2026-07-01T02:00:00")}))
    assert "problem: Gate gate_raw closed" in text(operation.events, settings)
    (tmp_path / "alerts" / "state.json").write_text("{")
    assert "expected the state of alerts" in text(operation.events, settings)
