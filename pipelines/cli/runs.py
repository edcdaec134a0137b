"""Running a job in this process, in the same Dagster instance that the UI shows."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from contextlib import redirect_stdout, suppress
from datetime import date

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError as ExecutionInterrupted

from pipelines.errors import RunInterrupted, TierhouseError
from pipelines.home.durable import write_atomically
from pipelines.home.folder import make_home
from pipelines.home.prepare import check_home
from pipelines.home.settings import PROJECT_ROOT, Settings
from pipelines.ingest.stage import mapping_files
from pipelines.orchestration.progress import PROGRESS
from pipelines.orchestration.resources import close_dead_runs

FIRST_DAY_TAG, LAST_DAY_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
"""How Dagster is told that one run is for a range of partitions."""


class RunFailed(TierhouseError):
    """A run ended without success. The text names each step that failed and why; `not_run`: the assets not made."""

    def __init__(self, message: str, not_run: Collection[str] = ()) -> None:
        super().__init__(message)
        self.not_run = frozenset(not_run)


def prepare_home(settings: Settings) -> None:
    """Make the home's folders and Dagster's configuration there; point Dagster to it.

    Raises HomeNotWritable; HomeOpen where other accounts can read the home, and SettingsChanged where its results were
    made with other settings.
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
    """The home's Dagster instance, its tables made, runs of dead processes closed.

    Processes that start together on a home without tables break each other; opening it once first makes them.
    """
    prepare_home(settings)
    instance = dg.DagsterInstance.get()
    for run_id in close_dead_runs(instance, settings.dagster_home / "locks"):
        PROGRESS.say(f"closed run {run_id[:8]}, whose process is gone")
    return instance


def run_job(settings: Settings, name: str, first: date, last: date | None = None) -> dg.ExecuteInProcessResult:
    """Run a job for one day, or for the days from `first` to `last` together.

    Raises RunFailed with the steps that failed; a gate that did not pass is one of them. Raises RunInterrupted at
    Ctrl-C.
    """
    _assert_gradable(settings, first, last or first)
    mapping_files(settings)
    prepare_home(settings)
    PROGRESS.doing(f"loading the job {name}")
    from pipelines.definitions import defs

    days, run_id = f"{first} to {last}" if last else str(first), str(uuid.uuid4())
    with open_instance(settings) as instance:
        log = settings.dagster_home / f"{name}.log"
        result = None
        with log.open("w") as stream, redirect_stdout(stream), suppress(KeyboardInterrupt, ExecutionInterrupted):
            result = defs.resolve_job_def(name).execute_in_process(
                run_id=run_id,
                instance=instance,
                partition_key=None if last else str(first),
                tags={FIRST_DAY_TAG: str(first), LAST_DAY_TAG: str(last)} if last else None,
                run_config={"loggers": {"progress": {}}},
                raise_on_error=False,
            )
        PROGRESS.doing(None)
        if result is None or _was_interrupted(result):
            if run := instance.get_run_by_id(run_id):
                instance.report_run_canceled(run, "stopped by Ctrl-C")
            raise RunInterrupted(f"Stopped by Ctrl-C: {name} for {days} is canceled; what is published is as it was.")
        if not result.success:
            missing = not_run(instance, result.run_id)
            groups = list(dict.fromkeys(group for key, group in _groups(defs).items() if key in missing))
            text = [
                f"{name} for {days} failed (run {result.run_id[:8]}, dbt's own words in {log})",
                *_causes(result),
                f"not run: {len(missing)} assets of {', '.join(groups)}; what is published is as it was",
            ]
            raise RunFailed("\n".join(text), missing)
    return result


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether Ctrl-C stopped a step: Dagster reports that as the step's failure."""
    errors = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    names = {error.cls_name for failed in errors if failed for error in (failed, failed.cause) if error}
    return bool(names & {"KeyboardInterrupt", ExecutionInterrupted.__name__})


def not_run(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """The assets that the run planned and did not make."""
    planned = _asset_keys(instance, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    made = _asset_keys(instance, run_id, dg.DagsterEventType.ASSET_MATERIALIZATION)
    return sorted(planned - made)


def _asset_keys(instance: dg.DagsterInstance, run_id: str, kind: dg.DagsterEventType) -> set[str]:
    return {
        entry.dagster_event.asset_key.to_user_string()
        for entry in instance.all_logs(run_id, of_type=kind)
        if entry.dagster_event and entry.dagster_event.asset_key
    }


def _groups(defs: dg.Definitions) -> dict[str, str | None]:
    """The group of each asset, upstream first."""
    graph = defs.resolve_asset_graph()
    return {key.to_user_string(): graph.get(key).group_name for key in graph.toposorted_asset_keys}


def _assert_gradable(settings: Settings, first: date, last: date) -> None:
    today = settings.now().date()
    if last < first:
        raise RunFailed(f"expected the first day before the last, found {first} and then {last}")
    if first < settings.first_day:
        raise RunFailed(f"cannot grade {first}: the first day that can be graded is {settings.first_day} "
                        "(TIERHOUSE_FIRST_DAY)")  # fmt: skip
    if last > today:
        raise RunFailed(f"cannot grade {last}, which lies ahead: today is {today} in {settings.timezone}")


def _causes(result: dg.ExecuteInProcessResult) -> list[str]:
    """The steps that failed, each with the innermost sentence that says why. A gate says what did not hold."""
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    gates = [check for check in failed if check.severity == dg.AssetCheckSeverity.ERROR]
    lines = []
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        gate = next((check for check in gates if event.step_key in _steps_of(check)), None)
        data = event.step_failure_data
        if gate:
            why = gate.description
        elif data.user_failure_data:
            why = data.user_failure_data.description
        else:
            why = (data.error.cause or data.error).cls_name
        lines.append(f"{_steps_of(gate)[0] if gate else event.step_key}: {why}")
    return lines or _causes_before_steps(result)


def _causes_before_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    """Why no step began: the home could not be taken up."""
    data = [event.engine_event_data for event in result.all_events if event.is_resource_init_failure]
    errors = [one.error.cause or one.error for one in data if one.error]
    return [error.message.strip() for error in errors]


def _steps_of(check: dg.AssetCheckEvaluation) -> tuple[str, str]:
    """The steps that may have judged it: its own, or that of its asset."""
    asset = check.asset_key.to_python_identifier()
    return f"{asset}_{check.check_name}", asset
