"""One run at a time holds the home. A second run starts when the lock is free."""

from __future__ import annotations

import fcntl
import threading

import dagster as dg
import pytest

from pipelines.errors import REPORT, TierhouseError
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


def test_a_bug_while_the_home_is_prepared_quotes_no_value(lock_file, monkeypatch):
    def fail(*_):
        raise ValueError("Zhang 13800138000")

    monkeypatch.setattr(resources, "take_home", fail)
    with pytest.raises(dg.Failure) as caught, Home().yield_for_execution(dg.build_init_resource_context()):
        pass
    assert caught.value.description.startswith("unforeseen ValueError\n")
    assert caught.value.description.endswith(REPORT) and "Zhang" not in caught.value.description
    assert not is_locked(lock_file)


def test_a_foreseen_error_while_the_home_is_prepared_stays_as_it_is(lock_file, monkeypatch):
    def refuse(*_):
        raise TierhouseError("expected a key")

    monkeypatch.setattr(resources, "take_home", refuse)
    with (
        pytest.raises(TierhouseError, match="expected a key"),
        Home().yield_for_execution(dg.build_init_resource_context()),
    ):
        pass
    assert not is_locked(lock_file)
