"""One run at a time holds the home. A second run starts when the lock is free."""

from __future__ import annotations

import fcntl
import threading

import dagster as dg
import pytest

from pipelines.orchestration import resources
from pipelines.orchestration.resources import Home


@pytest.fixture
def lock_file(tmp_path, monkeypatch):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    monkeypatch.setattr(resources, "WAIT_SECONDS", 0.05)
    (tmp_path / "dagster" / "locks").mkdir(parents=True)
    tmp_path.chmod(0o700)
    return tmp_path / "dagster" / "locks" / "home"


def is_locked(file) -> bool:
    with file.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_a_run_holds_the_lock_until_its_resource_is_released(lock_file):
    with Home().yield_for_execution(dg.build_init_resource_context()):
        assert is_locked(lock_file)
    assert not is_locked(lock_file)


def test_a_failed_run_releases_the_lock(lock_file):
    with pytest.raises(KeyError), Home().yield_for_execution(dg.build_init_resource_context()):
        raise KeyError
    assert not is_locked(lock_file)


def test_a_run_waits_for_the_run_that_holds_the_home(lock_file):
    entered = threading.Event()

    def enter():
        with Home().yield_for_execution(dg.build_init_resource_context()):
            entered.set()

    with lock_file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        waiting = threading.Thread(target=enter)
        waiting.start()
        assert not entered.wait(1)
    assert entered.wait(30)
    waiting.join()
