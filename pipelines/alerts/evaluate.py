"""Evaluates a home and sends what has changed: the one function behind sensors, runs and the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pipelines.alerts.addresses import channel_id, channel_kind, channel_names
from pipelines.alerts.event import Event
from pipelines.alerts.failed_runs import failed_runs
from pipelines.alerts.publication import publication_events
from pipelines.alerts.state import AlertsUnreadable, State, advance, delivered, read_state, write_state
from pipelines.home.settings import Settings

if TYPE_CHECKING:
    from pipelines.alerts.failed_runs import Causes

LOCK_SECONDS = 12
"""Another evaluation that delivers to slow channels has ended after this time."""


def open_events(settings: Settings, causes: Causes, known: Mapping[str, Event], now: datetime) -> list[Event]:
    """Return the open events of the home. Reads only. `known`: the events of the last evaluation, by key."""
    return [*failed_runs(settings, causes, known), *publication_events(settings, now)]


def check_and_send(settings: Settings, causes: Causes, say: Callable[[str], None]) -> None:
    """Evaluate the home, and send to each channel what it has not received yet. Nothing without channels.

    The state is on disk before a message leaves and after each round of deliveries. So a kill between them can repeat
    a message, and nothing is lost. `say` gets one line per failed delivery, without the address.
    """
    if not settings.alert_addresses:
        return
    settings.alerts.mkdir(mode=0o700, exist_ok=True)
    try:
        with FileLock(settings.alerts / "lock", timeout=LOCK_SECONDS):
            _check_and_send(settings, causes, say)
    except Timeout:
        say("alerts: another process evaluates them")


def _check_and_send(settings: Settings, causes: Causes, say: Callable[[str], None]) -> None:
    from pipelines.alerts.notify import deliver
    from pipelines.alerts.words import compose

    now = settings.now()
    try:
        state = read_state(settings)
    except AlertsUnreadable as error:  # alerts that are sent twice are better than none
        say(str(error))
        state = State()
    names = channel_names(settings.alert_addresses)
    ids = {address: channel_id(address) for address in names}
    state = advance(state, open_events(settings, causes, state.events, now), list(ids.values()), now)
    write_state(settings, state)
    messages = {
        address: compose(settings, waiting, channel_kind(address))
        for address, channel in ids.items()
        if (waiting := state.pending[channel])
    }
    if not messages:
        return
    for address, problem in deliver(messages).items():
        delivered(state, ids[address], names[address], now, problem)
        if problem:
            say(f"alert not delivered to channel {names[address]}: {problem}; the next evaluation sends it again")
    write_state(settings, state)
