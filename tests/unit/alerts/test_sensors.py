"""The sensors of alerts: they evaluate the home in the daemon, and show no message of a library."""

import dagster as dg
import pytest

from pipelines.alerts import sensors
from pipelines.orchestration.run_history import PastRun
from tests.planted_home import publish


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("TIERHOUSE_ALERT_URLS", "https://webhook.example.com/hook")
    publish(tmp_path, "2020-06-30")
    return tmp_path


@pytest.fixture
def sent(monkeypatch):
    messages = []

    def deliver(by_address):
        messages.extend(by_address.values())
        return dict.fromkeys(by_address)

    monkeypatch.setattr("pipelines.alerts.notify.deliver", deliver)
    return messages


@pytest.mark.usefixtures("home")
def test_the_tick_sends_what_no_run_reports_once(sent):
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            skipped = sensors.alerts(dg.build_sensor_context(instance=instance))
            assert skipped == dg.SkipReason("every channel has received all alerts")
    (message,) = sent
    assert "is not published" in message.body


@pytest.mark.usefixtures("home")
def test_a_failed_run_is_sent_at_once_with_its_cause(sent, monkeypatch):
    @dg.op
    def scores():
        raise dg.Failure(description="disk full", allow_retries=False)

    @dg.job
    def daily_grading():
        scores()

    with dg.DagsterInstance.ephemeral() as instance:
        done = daily_grading.execute_in_process(instance=instance, raise_on_error=False)
        past = PastRun(done.run_id, "daily_grading", "2026-06-30", "failure")
        monkeypatch.setattr("pipelines.alerts.failed_runs.last_runs", lambda *_: [past])
        failure = next(event for event in done.all_events if event.event_type == dg.DagsterEventType.RUN_FAILURE)
        context = dg.build_run_status_sensor_context("failed_run", failure, instance, done.dagster_run)
        sensors.failed_run(context.for_run_failure())
    assert "Run failed: daily grading of 2026-06-30, step scores" in sent[0].body and "disk full" in sent[0].body


def test_an_error_of_an_evaluation_shows_no_message_of_a_library(home, monkeypatch):
    def broken(*_):
        raise ValueError("+86 138 0013 8000")

    monkeypatch.setattr("pipelines.alerts.evaluate.open_events", broken)
    with dg.DagsterInstance.ephemeral() as instance, pytest.raises(sensors.AlertsFailed, match="ValueError") as failed:
        sensors.alerts(dg.build_sensor_context(instance=instance))
    assert "138" not in str(failed.value) and failed.value.__suppress_context__
    assert home.is_dir()
