"""Running a job in this process, in the same Dagster instance that the UI shows."""

from __future__ import annotations

import os
from datetime import date

import dagster as dg
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from pipelines.progress import PROGRESS
from pipelines.publish.files import write_atomically
from pipelines.resources import close_dead_runs
from pipelines.settings import PROJECT_ROOT, Settings


class RunFailed(RuntimeError):
    """A run ended without success. The text names each step that failed and why."""


def prepare_home(settings: Settings) -> None:
    """Make the home's folders and Dagster's configuration there; point Dagster to it."""
    for folder in (settings.home, settings.sources_dir, settings.dagster_home / "locks"):
        folder.mkdir(parents=True, exist_ok=True)
    for private in (settings.landing, settings.quarantine, settings.staged, settings.ledger):
        private.mkdir(exist_ok=True, mode=0o700)
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

    Raises RunFailed with the steps that failed; a gate that did not pass is one of them.
    """
    from pipelines.definitions import defs

    _assert_gradable(settings, first, last or first)
    with open_instance(settings) as instance:
        result = defs.resolve_job_def(name).execute_in_process(
            instance=instance,
            partition_key=None if last else str(first),
            tags={ASSET_PARTITION_RANGE_START_TAG: str(first), ASSET_PARTITION_RANGE_END_TAG: str(last)}
            if last
            else None,
            run_config={"loggers": {"progress": {}}},
            raise_on_error=False,
        )
    PROGRESS.doing(None)
    if not result.success:
        raise RunFailed(
            f"{name} for {first}{f' to {last}' if last else ''} failed (run {result.run_id[:8]}):\n{_causes(result)}"
        )
    return result


def _assert_gradable(settings: Settings, first: date, last: date) -> None:
    today = settings.now().date()
    if not settings.first_day <= first <= last <= today:
        raise RunFailed(
            f"cannot grade {first}{f' to {last}' if last != first else ''}: days go from {settings.first_day} "
            f"(TIERHOUSE_FIRST_DAY) to today, {today}"
        )


def _causes(result: dg.ExecuteInProcessResult) -> str:
    """The failed steps, each with the innermost sentence that says why."""
    lines = []
    checks = {check.check_name: check for check in result.get_asset_check_evaluations() if not check.passed}
    for event in result.all_events:
        if not event.is_step_failure:
            continue
        gate = next((check for name, check in checks.items() if event.step_key.endswith(name)), None)
        if gate:
            lines.append(f"  {event.step_key}: {gate.description}")
            continue
        data = event.step_failure_data
        if data.user_failure_data:
            lines.append(f"  {event.step_key}: {data.user_failure_data.description}")
        elif data.error:
            cause = data.error.cause or data.error
            lines.append(f"  {event.step_key}: {cause.message.strip()}")
    skipped = sorted({event.step_key for event in result.all_events if event.is_step_skipped})
    if skipped:
        lines.append(f"  not run: {', '.join(skipped)}")
    return "\n".join(lines)
