"""Events of runs: the latest run of a job failed, or a gate stopped it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.alerts.event import Event, Text, event
from pipelines.home.settings import Settings
from pipelines.orchestration.run_history import PastRun, last_runs

if TYPE_CHECKING:
    from pipelines.orchestration.causes import Cause

Causes = Callable[[str], "Sequence[Cause]"]
"""Returns why a run failed, by its id."""

RUNS_READ = 200
"""Runs that are read to find the latest run of each job."""
JOBS = {
    "daily_grading": Text("每日评级", "daily grading"),
    "train": Text("模型训练", "training"),
    "backfill": Text("历史补算", "backfill"),
}
GONE = Text("运行进程已中断：被终止，或机器宕机。", "The process of the run is gone: killed, or the machine went down.")
LONGEST_REASON = 600
"""Characters of a reason that a message quotes."""


def failed_runs(settings: Settings, causes: Causes, known: Mapping[str, Event]) -> list[Event]:
    """Return an event per job whose latest finished run failed.

    `known`: the events of the last evaluation, by key. `causes` is only called for a run that is not among them,
    because it loads Dagster.
    """
    latest: dict[str, PastRun] = {}
    for run in last_runs(settings, RUNS_READ):
        if run.has_ended:
            latest.setdefault(run.job, run)
    failed = [run for job, run in latest.items() if job in JOBS and run.status != "success"]
    return [_reused(run, known) or _event(run, causes) for run in failed]


def _reused(run: PastRun, known: Mapping[str, Event]) -> Event | None:
    before = known.get(_key(run))
    return before if before and before.seen_in == run.run_id else None


def _key(run: PastRun) -> str:
    return f"run/{run.job}"


def _event(run: PastRun, causes: Causes) -> Event:
    found = [] if run.is_gone else list(causes(run.run_id))
    gates = [cause for cause in found if cause.gate]
    zh, en = JOBS[run.job]
    if gates:
        names = ", ".join(dict.fromkeys(filter(None, (cause.gate for cause in gates))))
        title = Text(f"质量关卡 {names} 未通过：{zh} {run.day}", f"Gate {names} closed: {en} of {run.day}")
    else:
        steps = ", ".join(dict.fromkeys(cause.step for cause in found if cause.step))
        title = Text(
            f"运行失败：{zh} {run.day}{f'，步骤 {steps}' if steps else ''}",
            f"Run failed: {en} of {run.day}{f', step {steps}' if steps else ''}",
        )
    shown = gates or found
    reason = "\n".join(cause.reason for cause in shown)
    detail = GONE if run.is_gone else Text(_short(reason), _short(reason))
    version = "; ".join(sorted({f"{cause.step} {cause.gate or ''}".strip() for cause in found})) or "gone"
    return event(_key(run), version, "problem", title, detail, run.run_id)


def _short(reason: str) -> str:
    lines = reason.strip().splitlines()
    text = "\n".join(lines[:4])
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
