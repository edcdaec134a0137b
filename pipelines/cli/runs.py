"""Run a job in this process, with the Dagster instance that the UI shows."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout, suppress
from datetime import date

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError as ExecutionInterrupted

from pipelines.cli.alerts import sends_alerts
from pipelines.errors import RunInterrupted, TierhouseError
from pipelines.home.days import last_demo_day, span
from pipelines.home.durable import write_atomically
from pipelines.home.first_day import first_day, remembered_first_day
from pipelines.home.folder import make_home
from pipelines.home.prepare import check_home
from pipelines.home.settings import PROJECT_ROOT, Settings
from pipelines.ingest.stage import mapping_files
from pipelines.orchestration.causes import failure_causes
from pipelines.orchestration.progress import PROGRESS
from pipelines.orchestration.resources import close_dead_runs


class RunFailed(TierhouseError):
    """A run failed. The text names each failed step with its reason. `not_run`: the assets that were not made."""

    def __init__(self, message: str, not_run: Collection[str] = ()) -> None:
        super().__init__(message)
        self.not_run = frozenset(not_run)


def prepare_home(settings: Settings) -> None:
    """Create the folders of the home and its Dagster configuration, and set DAGSTER_HOME.

    Raises HomeNotWritable; HomeOpen if other accounts can read the home; SettingsChanged if its results were made with
    other settings.
    """
    make_home(settings.home)
    check_home(settings, PROGRESS.say)
    for folder in (settings.sources_dir, settings.dagster_home / "locks", settings.training_warehouse.parent):
        folder.mkdir(parents=True, exist_ok=True)
    for folder in (settings.landing, settings.quarantine, settings.staged, settings.ledger):
        folder.mkdir(exist_ok=True)
    config = (PROJECT_ROOT / "pipelines" / "dagster.yaml").read_bytes()
    installed = settings.dagster_home / "dagster.yaml"
    if not installed.exists() or installed.read_bytes() != config:
        write_atomically(installed, config)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the Dagster instance of the home, create its tables and close the runs of dead processes.

    Processes that start at the same time on a home without tables break each other. Call this function first.
    """
    prepare_home(settings)
    instance = dg.DagsterInstance.get()
    for run_id in close_dead_runs(instance, settings.dagster_home / "locks"):
        PROGRESS.say(f"closed run {run_id[:8]}, whose process is gone")
    return instance


@sends_alerts
def run_job(settings: Settings, name: str, days: Sequence[date]) -> dg.ExecuteInProcessResult:
    """Run a job for one day, or for several days together, oldest first.

    Raises RunFailed with the failed steps and gates, and RunInterrupted at Ctrl-C.
    """
    _assert_gradable(settings, days)
    mapping_files(settings)
    prepare_home(settings)
    PROGRESS.doing(f"loading the job {name}")
    from pipelines.definitions import defs
    from pipelines.orchestration.partitions import FIRST_DAY_TAG, tags_of_days

    tags, run_id = tags_of_days(days), str(uuid.uuid4())
    with open_instance(settings) as instance:
        log = settings.dagster_home / f"{name}.log"
        result = None
        with log.open("w") as stream, redirect_stdout(stream), suppress(KeyboardInterrupt, ExecutionInterrupted):
            result = defs.resolve_job_def(name).execute_in_process(
                run_id=run_id,
                instance=instance,
                partition_key=None if FIRST_DAY_TAG in tags else str(days[-1]),
                tags=tags,
                run_config={"loggers": {"progress": {}}},
                raise_on_error=False,
            )
        PROGRESS.doing(None)
        if result is None or _was_interrupted(result):
            if run := instance.get_run_by_id(run_id):
                instance.report_run_canceled(run, "stopped by Ctrl-C")
            raise RunInterrupted(
                f"Stopped by Ctrl-C: {name} for {span(days)} is canceled. The live version is unchanged."
            )
        if not result.success:
            missing = not_run(instance, result.run_id)
            groups = dict.fromkeys(group for key, group in _groups(defs).items() if key in missing)
            text = [
                f"{name} for {span(days)} failed (run {result.run_id[:8]}, output of dbt in {log})",
                *map(str, failure_causes(result.all_events)),
                f"not run: {len(missing)} assets of {', '.join(filter(None, groups))}; {_published(instance, run_id)}",
            ]
            raise RunFailed("\n".join(text), missing)
    return result


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether Ctrl-C stopped a step. Dagster reports this as a failure of the step."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    names = {error.cls_name for failed in errors if failed for error in (failed, failed.cause) if error}
    return bool(names & {"KeyboardInterrupt", ExecutionInterrupted.__name__})


def not_run(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """Return the assets that the run planned and did not make."""
    planned = _asset_keys(instance, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    made = _asset_keys(instance, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION)
    return sorted(planned - made)


def _published(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return what became of the published files: a run can fail at the report or at PostgreSQL, which come later."""
    made = _asset_keys(instance, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION)
    return "the published files are complete" if "published_version" in made else "the live version is unchanged"


def _asset_keys(instance: dg.DagsterInstance, run_id: str, kind: dg.DagsterEventType) -> set[str]:
    return {
        entry.dagster_event.asset_key.to_user_string()
        for entry in instance.all_logs(run_id, of_type=kind)
        if entry.dagster_event and entry.dagster_event.asset_key
    }


def _groups(defs: dg.Definitions) -> dict[str, str | None]:
    """Return asset → group, upstream first."""
    graph = defs.resolve_asset_graph()
    return {key.to_user_string(): graph.get(key).group_name for key in graph.toposorted_asset_keys}


def _assert_gradable(settings: Settings, days: Sequence[date]) -> None:
    today, first, last = settings.now().date(), days[0], days[-1]
    if first < (begin := first_day(settings)):
        raise RunFailed(f"cannot grade {first}: the first day that can be graded is {begin} ({_reason(settings)})")
    if last > today:
        raise RunFailed(f"cannot grade {last}, which is in the future: today is {today} in {settings.timezone}")
    if (end := last_demo_day(settings)) and last > end:
        raise RunFailed(f"cannot grade {last}: a demo can be graded up to a month after the end of its files, {end}")


def _reason(settings: Settings) -> str:
    """Why the first day that can be graded is the first."""
    if settings.first_day:
        return "TIERHOUSE_FIRST_DAY"
    if not remembered_first_day(settings):
        return "no lead is loaded yet"
    return "the first day with a lead; if older files have come, run a later day first, which loads them"
