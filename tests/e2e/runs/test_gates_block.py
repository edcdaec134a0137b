"""Each gate, with a fault planted just before it: what did not run, and that no byte of what is published changed."""

import re
from datetime import date

import pytest

from pipelines.home.settings import DBT_PROJECT, load_settings
from tests.home import LAST_DAY, copy_home, fingerprint
from tests.integration.alerts.receivers import serve


def models(*folders):
    """The models of these folders that are assets."""
    names = {path.stem for folder in folders for path in (DBT_PROJECT / "models" / folder).rglob("*.sql")}
    return {name for name in names if not name.startswith("int_")}


AFTER_PUBLISHED = {"published_version", "report"}
AFTER_SCORES = models("grading", "service", "marts") | AFTER_PUBLISHED
AFTER_FEATURES = {"scores", "association_rules", "personas"} | AFTER_SCORES
BEFORE_FEATURES = {"lead_forecast", "listing_recommendations"}
"""These assets read neither features nor RFM, so the gate does not judge their input."""
AFTER_RAW = (
    {"landing", "customer_identity", "rules"} | models("staging/landing", "core") | BEFORE_FEATURES | AFTER_FEATURES
)


@pytest.fixture
def small(young, tmp_path):
    """A home of fifty leads, for gates that need no model."""
    return copy_home(young.home, tmp_path / "small")


@pytest.fixture
def webhook(monkeypatch):
    """A webhook that receives the alerts of the run."""
    server, received = serve()
    monkeypatch.setenv("TIERHOUSE_ALERT_URLS", f"http://127.0.0.1:{received.port}/tierhouse?token=hooksecret1")
    yield received
    server.shutdown()
    server.server_close()


@pytest.fixture
def run(monkeypatch, webhook):
    """Runs the day in this process; returns the error and the assets that did not run. Checks that nothing published
    changed, and that the webhook got one alert, with the gate and its counts.

    With `gate`, the run begins at this check: it judges what the last run has left, as after `Re-execute` in the UI.
    """
    import dagster as dg

    from pipelines.cli.runs import RunFailed, run_job

    def begin_at(asset, check, after):
        whole = dg.Definitions.resolve_job_def

        def part(self, name):
            return whole(self, name).get_subset(
                asset_selection={dg.AssetKey(key) for key in after},
                asset_check_selection={dg.AssetCheckKey(dg.AssetKey(asset), check)},
            )

        monkeypatch.setattr(dg.Definitions, "resolve_job_def", part)

    def failing_run(home, gate=None, after=()):
        monkeypatch.setenv("TIERHOUSE_HOME", str(home))
        before = fingerprint(home / "published"), fingerprint(home / "ledger")
        if gate:
            begin_at(*gate.split("."), after)
        with pytest.raises(RunFailed) as failed:
            run_job(load_settings(), "daily_grading", [date.fromisoformat(LAST_DAY)])
        assert (fingerprint(home / "published"), fingerprint(home / "ledger")) == before
        (alert,) = webhook.text("jsons")
        gate_name, rule, count = re.search(r"(gate_\w+): (.+?): .*?(\d[\d,.]*)", str(failed.value)).groups()
        assert f"Gate {gate_name} closed" in alert and rule in alert and count in alert
        return str(failed.value), failed.value.not_run

    return failing_run


def dirty(monkeypatch, reader, table, **values):
    """Plant values, as SQL, in one row of a table between the step that made it and the gate that judges it."""
    from pipelines.publish import checks as publish_checks
    from pipelines.scoring import checks as scoring_checks
    from pipelines.transform import checks as transform_checks

    checks = next(module for module in (transform_checks, scoring_checks, publish_checks) if hasattr(module, reader))
    read = getattr(checks, reader)

    def read_dirty(connection, *others):
        tables = read(connection, *others)
        planted = ", ".join(
            f"CASE WHEN row_number() OVER () = 1 THEN {value} ELSE {column} END AS {column}"
            for column, value in values.items()
        )
        return {**tables, table: f"SELECT * REPLACE ({planted}) FROM ({tables[table]})"}

    monkeypatch.setattr(checks, reader, read_dirty)


def test_a_poisoned_batch_is_not_landed_and_nothing_after_it_runs(small, run):
    leads = small / "sources" / "leads.csv"
    lines = leads.read_text(encoding="utf-8").splitlines()
    poisoned = [
        line if number % 5 else re.sub(r"20\d\d-\d\d-\d\d", "2026-02-31", line) for number, line in enumerate(lines)
    ]
    poisoned[0] = lines[0]
    leads.write_text("\n".join(poisoned) + "\n", encoding="utf-8")
    landing = fingerprint(small / "landing")
    message, not_run = run(small)
    assert "gate_raw" in message
    assert "over_bar" in message
    assert not_run == AFTER_RAW
    assert fingerprint(small / "landing") == landing


def test_impossible_features_stop_scoring_and_all_after_it(small, run, monkeypatch):
    dirty(monkeypatch, "features_tables", "customer_features", customer_events_7d="10000")
    message, not_run = run(small, "customer_features.gate_features", AFTER_FEATURES)
    assert "gate_features" in message
    assert "customer_events_7d" in message
    assert not_run == AFTER_FEATURES


def test_impossible_scores_stop_grading_and_all_after_it(home, run, monkeypatch):
    dirty(monkeypatch, "scores_tables", "scores", probability="1.7")
    message, not_run = run(home, "scores.gate_scores", AFTER_SCORES)
    assert "gate_scores" in message
    assert "probability" in message
    assert not_run == AFTER_SCORES


def test_a_source_that_vanished_stops_the_publication(small, run, monkeypatch):
    dirty(monkeypatch, "history_tables", "history_checks", level="'block'")
    message, not_run = run(small, "history_checks.gate_history", AFTER_PUBLISHED)
    assert "gate_history" in message
    assert "level" in message
    assert not_run == AFTER_PUBLISHED


def test_a_phone_number_among_the_published_reasons_stops_the_publication_and_is_not_repeated(small, run, monkeypatch):
    dirty(monkeypatch, "tables_to_publish", "customer_grades", reason_1="'call 16012345678 back'")
    message, not_run = run(small, "customer_grades.gate_published", AFTER_PUBLISHED)
    assert "gate_published" in message
    assert "reason_1" in message
    assert not_run == AFTER_PUBLISHED
    assert "16012345678" not in message
    assert not any(b"16012345678" in page.read_bytes() for page in (small / "data_docs").rglob("*.html"))
