"""Checks of the operation: the daemon and its schedules, the age of publication and models, open events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.doctor.finding import Finding, ok, problem, warning
from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

DAEMON_SECONDS = 300
"""A daemon writes a heartbeat every half minute."""
MODEL_DAYS = 45
"""Training is weekly; a model of six weeks ago has missed six trainings."""
SCHEDULES = ("daily_at_two", "weekly_training")


def schedules(settings: Settings) -> Iterator[Finding]:
    """Nobody has stopped a schedule, and the daemon that starts them is alive."""
    bodies = _rows(
        settings.dagster_home / "schedules" / "schedules.db",
        "SELECT instigator_body FROM instigators WHERE instigator_type = 'SCHEDULE' AND status = 'STOPPED'",
    )
    stopped = [name for name in SCHEDULES if any(_names(json.loads(body), name) for (body,) in bodies)]
    if stopped:
        yield warning("schedules", f"{', '.join(stopped)} stopped", "start it in the UI, page Automation")
    beats = _rows(
        settings.dagster_home / "history" / "runs.db",
        "SELECT max(timestamp) FROM daemon_heartbeats WHERE daemon_type = 'SCHEDULER'",
    )
    last = beats[0][0] if beats else None
    age = (datetime.now(UTC) - datetime.fromisoformat(last).replace(tzinfo=UTC)).total_seconds() if last else None
    if age is not None and age <= DAEMON_SECONDS:
        if not stopped:
            yield ok("schedules", f"on, daemon alive {age:.0f} s ago")
        return
    since = "never ran" if last is None else f"last seen {last[:16]} UTC"
    if _is_current(settings):
        yield ok("daemon", f"{since}; the publication is current, so cron or a person starts the runs")
    else:
        remedy = "start `tierhouse ui`, or let cron start `tierhouse run` every night"
        yield warning("daemon", f"no daemon: {since}", remedy)


def _is_current(settings: Settings) -> bool:
    """Whether the day before yesterday or a later day is live."""
    from pipelines.publish.switch import live_version, version_date

    live = live_version(settings.published)
    return live is not None and (settings.now().date() - version_date(live)).days <= 2


def _names(content: Any, name: str) -> bool:
    """Whether a text anywhere in JSON is the name."""
    if isinstance(content, dict):
        return any(_names(value, name) for value in content.values())
    return content == name


def _rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a file of Dagster; none if the file or its tables do not exist."""
    if not file.exists():
        return []
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            return []


def publication(settings: Settings) -> Iterator[Finding]:
    """Yesterday is published, at the latest by TIERHOUSE_PUBLICATION_DUE."""
    from pipelines.alerts.publication import late_publication
    from pipelines.publish.switch import live_version, version_date

    live = live_version(settings.published)
    if live is None:
        yield warning("publication", "nothing is published yet", "`tierhouse run` grades yesterday")
        return
    late = late_publication(settings, version_date(live), settings.now())
    if late:
        yield problem("publication", f"{late.title.en}: {late.detail.en}", "`tierhouse status`, then `tierhouse run`")
    else:
        yield ok("publication", f"{live} is live")


def models(settings: Settings) -> Iterator[Finding]:
    """Each question was trained within six weeks, seen from the published day. An older champion may stay."""
    from models.store.champions import champions, events, latest
    from pipelines.home.days import demo_ends_before
    from pipelines.publish.switch import live_version, version_date

    live = live_version(settings.published)
    today = version_date(live) if live and demo_ends_before(settings, settings.now().date()) else settings.now().date()
    try:
        scoring, trained = (
            {name: _last_trained(find(settings.model_store, *_question(name))) for name in latest(settings.model_store)}
            for find in (champions, events)
        )
    except TierhouseError as error:
        yield problem("models", str(error), "see docs/runbook.md, checksums")
        return
    if not trained:
        yield warning("models", "none: grades rest on rules and rates", "`tierhouse train`")
    old = {name: day for name, day in trained.items() if (today - day).days > MODEL_DAYS}
    for name, day in old.items():
        yield warning("models", f"{name} was trained through {day}, {(today - day).days} days ago", "`tierhouse train`")
    for name in sorted(trained.keys() - old.keys()):
        if (today - scoring[name]).days > MODEL_DAYS:
            older = f"the older model of {scoring[name]} was judged better and stays"
            yield ok("models", f"{name}: last trained {trained[name]}; {older}")
    if trained and not old:
        yield ok("models", f"{len(trained)}, trained through {min(trained.values())} or later")


def _question(name: str) -> tuple[str, int]:
    target, _, horizon = name.rpartition("-")
    return target, int(horizon)


def _last_trained(decisions: list[Any]) -> date:
    return max(date.fromisoformat(decision["trained_through"]) for decision in decisions)


def events(settings: Settings) -> Iterator[Finding]:
    """The open events of the alerts, without those that other checks report."""
    from pipelines.alerts.evaluate import open_events
    from pipelines.alerts.state import read_state

    try:
        known = read_state(settings).events
        found = open_events(settings, lambda _: [], known, settings.now())
    except TierhouseError as error:
        yield problem("events", str(error), "see docs/runbook.md#alerts")
        return
    shown = [event for event in found if event.key != "late" and event.level != "info"]
    for event in shown:
        make = problem if event.level == "problem" else warning
        yield make("events", event.title.en, "docs/runbook.md#alerts says what each event means")
    if not shown:
        yield ok("events", "no failed run, silent source or drift")
