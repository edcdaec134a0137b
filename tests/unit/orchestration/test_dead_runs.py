"""Started runs without a process are closed. Living runs are not."""

from __future__ import annotations

import fcntl
import time

import dagster as dg
import pytest

from pipelines.home import processes
from pipelines.orchestration.resources import close_dead_runs


@dg.job
def nothing():
    pass


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture
def started(instance):
    """A run that has begun."""
    run = instance.create_run_for_job(nothing)
    instance.handle_new_event(
        dg.EventLogEntry(
            None,
            "debug",
            "",
            run.run_id,
            time.time(),
            job_name="nothing",
            dagster_event=dg.DagsterEvent("PIPELINE_START", "nothing"),
        )
    )
    assert instance.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.STARTED
    return run.run_id


def status(instance, run_id):
    return instance.get_run_by_id(run_id).status


def test_a_run_whose_lock_is_free_is_closed_and_its_lock_removed(instance, started, tmp_path):
    (tmp_path / f"{started}.run").touch()
    assert close_dead_runs(instance, tmp_path) == [started]
    assert status(instance, started) == dg.DagsterRunStatus.FAILURE
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_lock_is_held_is_not_closed(instance, started, tmp_path):
    with (tmp_path / f"{started}.run").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert close_dead_runs(instance, tmp_path) == []
    assert status(instance, started) == dg.DagsterRunStatus.STARTED


def test_a_run_that_was_killed_before_it_had_its_lock_is_closed_after_a_minute(
    instance, started, tmp_path, monkeypatch
):
    assert close_dead_runs(instance, tmp_path) == []
    now = time.time()
    monkeypatch.setattr(processes.time, "time", lambda: now + processes.START_SECONDS + 1)
    assert close_dead_runs(instance, tmp_path) == [started]


def test_locks_of_runs_that_have_ended_are_removed(instance, tmp_path):
    (tmp_path / "ended.run").touch()
    with (tmp_path / "alive.run").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        close_dead_runs(instance, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["alive.run"]
