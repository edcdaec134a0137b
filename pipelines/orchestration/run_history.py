"""The last runs of a home, read from Dagster's SQLite file: an import of Dagster would take seconds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass

from pipelines.home.processes import process_is_gone
from pipelines.home.settings import Settings

LAST_RUNS = """
SELECT runs.run_id, runs.pipeline_name, coalesce(runs.partition, tags.value, ''), runs.status, runs.start_time,
    runs.end_time
FROM runs
LEFT JOIN run_tags AS tags ON runs.run_id = tags.run_id AND tags.key = 'dagster/asset_partition_range_end'
ORDER BY runs.id DESC LIMIT ?
"""

GONE = "process gone; the next run closes it"
"""The status of a run whose process is dead while Dagster still calls it started."""


@dataclass(frozen=True)
class PastRun:
    """One run. `day`: the business day, or the last day of a backfill. `status`: that of Dagster, or GONE.

    `started`, `ended`: seconds since 1970, None before that moment.
    """

    run_id: str
    job: str
    day: str
    status: str
    started: float | None = None
    ended: float | None = None

    @property
    def is_gone(self) -> bool:
        return self.status == GONE

    @property
    def has_ended(self) -> bool:
        """Whether the run succeeded or failed, also because its process is dead. A canceled run has neither."""
        return self.status in ("success", "failure", GONE)


def last_runs(settings: Settings, limit: int) -> list[PastRun]:
    """Return the latest runs, newest first. Reads only."""
    file = settings.dagster_home / "history" / "runs.db"
    if not file.exists():
        return []
    # Without a write-ahead log no process has the file open. `immutable` keeps SQLite from creating an empty log.
    mode = "mode=ro" if file.with_name("runs.db-wal").exists() else "immutable=1"
    with closing(sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True)) as connection:
        try:
            rows = connection.execute(LAST_RUNS, [limit]).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return []
    return [
        PastRun(run_id, job, day, _status(settings, run_id, status, started), started, ended)
        for run_id, job, day, status, started, ended in rows
    ]


def _status(settings: Settings, run_id: str, status: str, started: float | None) -> str:
    lock = settings.dagster_home / "locks" / f"{run_id}.run"
    gone = status in ("STARTED", "CANCELING") and process_is_gone(lock, started)
    return GONE if gone else status.lower()
