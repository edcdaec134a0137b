"""Events of runs: the latest run of a job failed, or a gate stopped it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.alerts.event import Event, Text, event
from pipelines.alerts.not_begun import not_begun
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
AFTER_PUBLICATION = {
    "report": Text("报告未生成", "the report is not made"),
    "postgres_publication": Text("PostgreSQL 未更新", "PostgreSQL is not updated"),
}
"""Steps after the publication, which a failure of them leaves as it is."""
GONE = Text("运行进程已中断：被终止，或机器宕机。", "The process of the run is gone: killed, or the machine went down.")
LONGEST_REASON = 600
"""Characters of a reason that a message quotes."""


def failed_runs(settings: Settings, causes: Causes, known: Mapping[str, Event]) -> list[Event]:
    """Return an event per job whose latest finished run failed, or whose last run could not begin.

    `known`: the events of the last evaluation, by key. `causes` is only called for a run that is not among them,
    because it loads Dagster.
    """
    latest: dict[str, PastRun] = {}
    for run in last_runs(settings, RUNS_READ):
        if run.has_ended:
            latest.setdefault(run.job, run)
    unbegun = {job: event for job, name in JOBS.items() if (event := not_begun(settings, job, name))}
    failed = [run for job, run in latest.items() if job in JOBS and job not in unbegun and run.status != "success"]
    return [*unbegun.values(), *(_reused(run, known) or _event(settings, run, causes) for run in failed)]


def _reused(run: PastRun, known: Mapping[str, Event]) -> Event | None:
    before = known.get(_key(run))
    return before if before and before.seen_in == run.run_id else None


def _key(run: PastRun) -> str:
    return f"run/{run.job}"


def _event(settings: Settings, run: PastRun, causes: Causes) -> Event:
    found = [] if run.is_gone else list(causes(run.run_id))
    gates = [cause for cause in found if cause.gate]
    steps = list(dict.fromkeys(cause.step for cause in found if cause.step))
    is_published = bool(steps) and set(steps) <= set(AFTER_PUBLICATION)
    if gates:
        title = _gate_closed(run, list(dict.fromkeys(cause.gate for cause in gates if cause.gate)))
    elif is_published:
        title = _incomplete(run, steps)
    else:
        title = _run_failed(run, steps)
    shown = gates or found
    reason = _short("\n".join(cause.reason for cause in shown))
    link = f"\n{settings.ui_origin}/runs/{run.run_id}" if settings.ui_origin else ""
    detail = Text(GONE.zh + link, GONE.en + link) if run.is_gone else Text(reason + link, reason + link)
    version = "; ".join(sorted({f"{cause.step} {cause.gate or ''}".strip() for cause in found})) or "gone"
    return event(_key(run), version, "warning" if is_published else "problem", title, detail, run.run_id)


def _gate_closed(run: PastRun, gates: list[str]) -> Text:
    (zh, en), names = JOBS[run.job], ", ".join(gates)
    return Text(f"质量关卡 {names} 未通过：{zh} {run.day}", f"Gate {names} closed: {en} of {run.day}")


def _incomplete(run: PastRun, steps: list[str]) -> Text:
    missing = [AFTER_PUBLICATION[step] for step in steps]
    return Text(
        f"{run.day} 已发布，但{'，'.join(text.zh for text in missing)}",
        f"{run.day} is published, but {', '.join(text.en for text in missing)}",
    )


def _run_failed(run: PastRun, steps: list[str]) -> Text:
    (zh, en), names = JOBS[run.job], ", ".join(steps)
    return Text(
        f"运行失败：{zh} {run.day}{f'，步骤 {names}' if names else ''}",
        f"Run failed: {en} of {run.day}{f', step {names}' if names else ''}",
    )


def _short(reason: str) -> str:
    lines = reason.strip().splitlines()
    text = "\n".join(lines[:4])
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
