"""The `home` resource of all assets. One run at a time holds the home."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from pipelines.errors import TierhouseError, full_error
from pipelines.home.prepare import take_home
from pipelines.home.processes import is_free, process_is_gone
from pipelines.home.settings import Settings, load_settings
from pipelines.integrity.leftovers import clean_up

WAIT_SECONDS = 5


class Home(dg.ConfigurableResource):
    """The home of the settings. No other run writes there while a run holds this resource.

    The kernel owns the locks (`flock`). It releases them when a process ends, even if the process was killed.
    """

    @property
    def settings(self) -> Settings:
        return load_settings()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Home]:
        locks = self.settings.dagster_home / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        run_id = context.run.run_id if context.run else "no-run"
        _mark_alive(locks / f"{run_id}.run")
        if context.instance:
            close_dead_runs(context.instance, locks)
        log = context.log or dg.get_dagster_logger()
        lock = FileLock(locks / "home", poll_interval=WAIT_SECONDS, thread_local=False)
        try:
            held = lock.acquire(blocking=False)
        except Timeout:
            log.info("waiting for another run to finish")
            held = lock.acquire()
        with held:
            _prepare(self.settings, log)
            yield self


def _prepare(settings: Settings, log: logging.Logger) -> None:
    """Check and clean the home. Errors reach Dagster without customer data."""
    try:
        take_home(settings, log.warning)
        clean_up(settings, log.info)
    except Exception as error:
        if isinstance(error, TierhouseError):
            raise
        raise dg.Failure(full_error(error)) from None


def close_dead_runs(instance: dg.DagsterInstance, locks: Path) -> list[str]:
    """Mark the runs as failed whose process is gone. Returns their ids.

    Dagster cannot notice that a run is dead if its code server was killed too. Such a run would hold its pool for ever.
    """
    closed = []
    under_way = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    records = instance.get_run_records(dg.RunsFilter(statuses=under_way))
    for record in records:
        run, file = record.dagster_run, locks / f"{record.dagster_run.run_id}.run"
        if process_is_gone(file, record.start_time):
            instance.report_run_failed(run, "the process of the run is gone: killed, or the machine went down")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed.append(run.run_id)
    alive = {record.dagster_run.run_id for record in records} - set(closed)
    for file in locks.glob("*.run"):
        if file.stem not in alive and is_free(file):
            file.unlink(missing_ok=True)
    return closed


_ALIVE: dict[Path, FileLock] = {}


def _mark_alive(file: Path) -> None:
    """Lock the file of a run until this process ends.

    The lock must outlive the resource: Dagster records the end of a run after it has released the resources, and a run
    without a lock looks dead.
    """
    if file not in _ALIVE:
        _ALIVE[file] = FileLock(file, thread_local=False)
        _ALIVE[file].acquire()
