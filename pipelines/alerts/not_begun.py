"""`alerts/not_begun.json`: the last run that failed before Dagster knew of it, such as after a change of settings."""

from __future__ import annotations

import json

from pipelines.alerts.event import Event, Text, event
from pipelines.errors import plain_error
from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings
from pipelines.orchestration.run_history import last_runs

DID_NOT_BEGIN = "did not begin"


def note_not_begun(settings: Settings, job: str, days: str, error: Exception) -> None:
    """Write down that a run could not begin, and which run was the latest then. Nothing without channels."""
    if settings.alert_addresses and settings.home.is_dir():
        note = {"job": job, "days": days, "reason": plain_error(error), "after": _latest(settings)}
        settings.alerts.mkdir(mode=0o700, exist_ok=True)
        write_atomically(settings.alerts / "not_begun.json", json.dumps(note, ensure_ascii=False).encode())


def not_begun(settings: Settings, job: str, name: Text) -> Event | None:
    """Return an event if the last run of a job could not begin. Any run that has begun since then ends the event."""
    try:
        note = json.loads((settings.alerts / "not_begun.json").read_text(encoding="utf-8"))
        days, reason, after = note["days"], note["reason"], note["after"]
        is_of_job = note["job"] == job
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # a damaged note is as good as none
        return None
    if not is_of_job or after != _latest(settings):
        return None
    title = Text(f"运行未能开始：{name.zh} {days}", f"Run did not begin: {name.en} of {days}")
    return event(f"run/{job}", DID_NOT_BEGIN, "problem", title, Text(reason, reason))


def _latest(settings: Settings) -> str:
    runs = last_runs(settings, 1)
    return runs[0].run_id if runs else ""
