"""`tierhouse alerts`: open events, what was sent about them, and a test of the channels."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import click

from pipelines.cli.options import with_home, with_settings
from pipelines.errors import RunInterrupted, plain_error
from pipelines.home.days import span
from pipelines.home.settings import Settings

if TYPE_CHECKING:
    from pipelines.alerts.event import Event
    from pipelines.alerts.state import State
    from pipelines.orchestration.causes import Cause

R = TypeVar("R")
SHOWN = 10
"""Deliveries that the command shows."""


@click.command(epilog="\b\nExamples:\n  tierhouse alerts\n  tierhouse alerts --test\n  tierhouse alerts --check")
@click.option("--test", "is_test", is_flag=True, help="Send a test message to each channel. Exits with 1 if one fails.")
@click.option("--check", "is_check", is_flag=True, help="Evaluate the home now and send what is new: for cron.")
@with_settings
@with_home
def alerts(settings: Settings, is_test: bool, is_check: bool) -> None:
    """Show open events and what was sent when.

    The channels are in TIERHOUSE_ALERT_URLS (docs/runbook.md). Each event is sent once to each channel, and its
    recovery once. A run evaluates the events at its end; `tierhouse ui` evaluates them every minute. If neither is
    running, let cron start `tierhouse alerts --check`, to learn of a late publication.
    """
    from pipelines.alerts.evaluate import check_and_send

    if is_test:
        sys.exit(0 if _test(settings) else 1)
    problems: list[str] = []
    if is_check:
        check_and_send(settings, _causes(settings), problems.append)
    _show(settings)
    for problem in problems:
        click.echo(problem, err=True)
    sys.exit(1 if problems else 0)


def _causes(settings: Settings) -> Callable[[str], Sequence[Cause]]:
    """Return the reader of causes. Loads Dagster only if a run has failed since the last evaluation."""

    def causes(run_id: str) -> Sequence[Cause]:
        from pipelines.cli.runs import open_instance
        from pipelines.orchestration.causes import causes_of_run

        with open_instance(settings) as instance:
            return causes_of_run(instance)(run_id)

    return causes


def _test(settings: Settings) -> bool:
    """Send a test message to each channel and report each result. Returns whether all channels accepted it."""
    from pipelines.alerts.addresses import channel_names
    from pipelines.alerts.notify import deliver
    from pipelines.alerts.words import trial_message

    names = channel_names(settings.alert_addresses)
    if not names:
        raise click.ClickException("there is no channel: set TIERHOUSE_ALERT_URLS (docs/runbook.md#alerts)")
    results = deliver(dict.fromkeys(names, trial_message(settings)))
    for address, problem in results.items():
        click.echo(f"{names[address]:<14} {'failed: ' + problem if problem else 'accepted'}")
    return not any(results.values())


def _show(settings: Settings) -> None:
    from pipelines.alerts.addresses import channel_id, channel_names
    from pipelines.alerts.evaluate import open_events
    from pipelines.alerts.state import read_state

    state = read_state(settings)
    names = channel_names(settings.alert_addresses)
    click.echo(f"channels   {', '.join(names.values()) or 'none: set TIERHOUSE_ALERT_URLS (docs/runbook.md#alerts)'}")
    events = open_events(settings, _causes(settings), state.events, settings.now())
    click.echo(f"open       {len(events) or 'nothing'}")
    for event in events:
        _show_event(event, state)
    for address, name in names.items():
        if waiting := state.pending.get(channel_id(address)):
            click.echo(f"waiting    {len(waiting)} for channel {name}")
    for entry in state.deliveries[-SHOWN:]:
        result = f"failed, tries: {entry['tries']}, {entry['problem']}" if entry["problem"] else "accepted"
        what = "; ".join(entry["sent"])
        click.echo(f"sent       {_minute(entry['at'])}  {entry['channel']}, {result}: {what}")


def _show_event(event: Event, state: State) -> None:
    since = f"since {_minute(state.opened[event.key].at)}" if event.key in state.opened else "not sent yet"
    click.echo(f"  {event.level:<8} {event.title.en} ({since})")
    for line in event.detail.en.splitlines():
        click.echo(f"           {line}")


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def sends_alerts(run: Callable[[Settings, str, Sequence[date]], R]) -> Callable[[Settings, str, Sequence[date]], R]:
    """Evaluate the alerts after a run, successful or not. A problem of a channel is a progress line, no failure."""

    @wraps(run)
    def wrapped(settings: Settings, name: str, days: Sequence[date]) -> R:
        from pipelines.cli.runs import RunFailed

        try:
            result = run(settings, name, days)
        except RunInterrupted:
            raise
        except RunFailed:
            _after_run(settings)
            raise
        except Exception as error:
            _after_run(settings, (name, span(days), error))
            raise
        _after_run(settings)
        return result

    return wrapped


def _after_run(settings: Settings, not_begun: tuple[str, str, Exception] | None = None) -> None:
    """Evaluate and send. `not_begun`: job, days and error of a run that failed before Dagster knew of it."""
    from pipelines.alerts.evaluate import check_and_send
    from pipelines.alerts.not_begun import note_not_begun
    from pipelines.orchestration.progress import PROGRESS

    if not settings.home.is_dir():
        return
    try:
        if not_begun:
            note_not_begun(settings, *not_begun)
        check_and_send(settings, _causes(settings), PROGRESS.say)
    except Exception as error:
        PROGRESS.say(f"alerts were not evaluated: {plain_error(error)}")
