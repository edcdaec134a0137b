"""Why a run failed: the failed steps and gates, from the events of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import dagster as dg

from pipelines.errors import REPORT


class Cause(NamedTuple):
    """A failed step with its reason. `gate`: the name of the check that stopped the run, None for another failure.

    `step` is empty if the run failed before its first step.
    """

    step: str
    reason: str
    gate: str | None = None

    def __str__(self) -> str:
        return f"{self.step}: {self.reason}" if self.step else self.reason


def causes_of_run(instance: dg.DagsterInstance) -> Callable[[str], list[Cause]]:
    """Return a function that reads the causes of a run, by its id, from the history of an instance."""

    def causes(run_id: str) -> list[Cause]:
        entries = instance.all_logs(run_id)
        return failure_causes(entry.dagster_event for entry in entries if entry.dagster_event)

    return causes


def failure_causes(events: Iterable[dg.DagsterEvent]) -> list[Cause]:
    """Return the failed steps of a run, in the order in which they failed. A failed gate has its own description."""
    events = list(events)
    checks = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    gates = [check for check in checks if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR]
    causes = [_cause(event, gates) for event in events if event.is_step_failure]
    return causes or _before_steps(events)


def _cause(event: dg.DagsterEvent, gates: list[dg.AssetCheckEvaluation]) -> Cause:
    step, data = event.step_key or "", event.step_failure_data
    gate = next((check for check in gates if step in _steps_of(check)), None)
    if gate:
        return Cause(_steps_of(gate)[0], gate.description or "no reason", gate.check_name)
    if data.user_failure_data:
        return Cause(step, data.user_failure_data.description or "no reason")
    # The class only: the message of a library can quote customer data.
    return Cause(
        step, f"unforeseen {(data.error.cause or data.error).cls_name}\n{REPORT}" if data.error else "no reason"
    )


def _before_steps(events: list[dg.DagsterEvent]) -> list[Cause]:
    """Why no step began: a check of the home failed, or the process ended. Messages begin with the class: removed."""
    failures = [event.engine_event_data.error for event in events if event.is_resource_init_failure]
    errors = [error.cause or error for error in failures if error]
    if errors:
        return [Cause("", error.message.strip().partition(": ")[2] or error.message.strip()) for error in errors]
    return [Cause("", event.message or "") for event in events if event.event_type == dg.DagsterEventType.RUN_FAILURE]


def _steps_of(check: dg.AssetCheckEvaluation) -> tuple[str, str]:
    """Return the steps that can have run a check: a step of its own, or the step of its asset."""
    asset = check.asset_key.to_python_identifier()
    return f"{asset}_{check.check_name}", asset
