"""What assets are given: the home, held by one run at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import dagster as dg

from pipelines.home.prepare import take_home
from pipelines.home.processes import is_free, process_is_gone
from pipelines.home.settings import Settings, load_settings
from pipelines.integrity.leftovers import take_up

WAIT_SECONDS = 5


class Home(dg.ConfigurableResource):
    """The home of the settings. A run that has it is the only one that writes there until it ends, however it ends.

    The locks are the kernel's (`flock`): a killed process loses them at once, so nothing is left to clean.
    """

    @property
    def settings(self) -> Settings:
        return load_settings()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Home]:
        locks = self.settings.dagster_home / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        run_id = context.run.run_id if context.run else "no-run"
        _stay_alive(locks / f"{run_id}.run")
        with (locks / "home").open("w") as home:
            if context.instance:
                close_dead_runs(context.instance, locks)
            _wait(home, lambda: context.log and context.log.info("waiting for another run to finish"))
            take_home(self.settings, lambda text: context.log and context.log.warning(text))
            take_up(self.settings, lambda line: context.log and context.log.info(line))
            yield self


def close_dead_runs(instance: dg.DagsterInstance, locks: Path) -> list[str]:
    """Mark as failed the runs that say they are under way although their process is gone. Returns their ids.

    Dagster cannot tell when worker and code server were killed together; such a run would hold its pool for ever.
    """
    closed = []
    under_way = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    records = instance.get_run_records(dg.RunsFilter(statuses=under_way))
    for record in records:
        run, file = record.dagster_run, locks / f"{record.dagster_run.run_id}.run"
        if process_is_gone(file, record.start_time):
            instance.report_run_failed(
                run, "its process is gone (killed, or the machine went down); the next run closed it"
            )
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed.append(run.run_id)
    alive = {record.dagster_run.run_id for record in records} - set(closed)
    for file in locks.glob("*.run"):
        if file.stem not in alive and is_free(file):
            file.unlink(missing_ok=True)
    return closed


_ALIVE: dict[Path, IO[str]] = {}


def _stay_alive(lock: Path) -> None:
    """Hold the lock of a run until this process ends: Dagster writes down the end of a run after its resources are
    gone, and a run without a lock would look dead until then."""
    if lock not in _ALIVE:
        _ALIVE[lock] = lock.open("w")
        fcntl.flock(_ALIVE[lock], fcntl.LOCK_EX)


def _wait(handle: IO[str], say: object) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            say()  # type: ignore[operator]
            time.sleep(WAIT_SECONDS)
