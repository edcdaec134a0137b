"""`alerts/state.json`: the open events of the last evaluation, and per channel what is still to be sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from pipelines.alerts.event import Event, event_from_json
from pipelines.errors import TierhouseError
from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings

LOGGED = 50
"""Deliveries that the state keeps."""


class AlertsUnreadable(TierhouseError):
    """`alerts/state.json` is damaged."""


class Change(NamedTuple):
    """An event that has opened, or an open event that has recovered, at a time (ISO, business time zone)."""

    event: Event
    is_recovery: bool
    at: str


@dataclass
class State:
    """`opened`: key → (open event, since when). `pending`: channel → changes that it has not received yet.

    `received`: channel → key → version of the open events that it has received. `deliveries`: the latest deliveries,
    oldest first, as JSON objects.
    """

    opened: dict[str, Change] = field(default_factory=dict)
    pending: dict[str, list[Change]] = field(default_factory=dict)
    received: dict[str, dict[str, str]] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def events(self) -> dict[str, Event]:
        return {key: change.event for key, change in self.opened.items()}


def changes(state: State, events: Iterable[Event], now: datetime) -> list[Change]:
    """Return what has opened, changed its version or recovered since the last evaluation."""
    at, current = now.isoformat(timespec="seconds"), {event.key: event for event in events}
    recovered = [Change(change.event, True, at) for key, change in state.opened.items() if key not in current]
    return recovered + [
        Change(event, False, at)
        for key, event in current.items()
        if key not in state.opened or state.opened[key].event.version != event.version
    ]


def advance(state: State, events: Sequence[Event], channels: Sequence[str], now: datetime) -> State:
    """Return the state after an evaluation.

    Every channel gets the changes. A new channel gets all open events. Changes that wait are merged, so that a channel
    that fails for weeks gets each event once.
    """
    news = changes(state, events, now)
    opened = {
        event.key: next((change for change in news if change.event == event), None)
        or Change(event, False, state.opened[event.key].at)
        for event in events
    }
    received = {channel: state.received.get(channel, {}) for channel in channels}
    pending = {
        channel: _merged([*state.pending[channel], *news], received[channel])
        if channel in state.pending
        else list(opened.values())
        for channel in channels
    }
    return State(opened, pending, received, state.deliveries)


def _merged(waiting: Sequence[Change], received: Mapping[str, str]) -> list[Change]:
    """Return at most two changes by key, in order of time: what the channel must learn first, and the present state.

    An event that opened and recovered while a channel failed is kept as both. An event that is open again as the
    channel knows it is no news.
    """
    merged = []
    for key in dict.fromkeys(change.event.key for change in waiting):
        of_key = [change for change in waiting if change.event.key == key]
        first_kind, last = of_key[0].is_recovery, of_key[-1]
        if last.is_recovery != first_kind:
            merged += [[change for change in of_key if change.is_recovery == first_kind][-1], last]
        elif last.is_recovery or received.get(key) != last.event.version:
            merged.append(last)
    return sorted(merged, key=lambda change: change.at)


def delivered(state: State, channel: str, name: str, now: datetime, problem: str | None) -> None:
    """Record a delivery. Without a problem the channel has received all its pending changes."""
    at = now.isoformat(timespec="seconds")
    sent = [("recovered: " if change.is_recovery else "") + change.event.title.en for change in state.pending[channel]]
    last = next((entry for entry in reversed(state.deliveries) if entry["channel"] == name), None)
    if last and problem and last["problem"] == problem and last["sent"] == sent:
        last.update(at=at, tries=last["tries"] + 1)
    else:
        entry = {"at": at, "channel": name, "problem": problem, "sent": sent, "tries": 1}
        state.deliveries = [*state.deliveries, entry][-LOGGED:]
    if problem is None:
        for change in state.pending[channel]:
            if change.is_recovery:
                state.received[channel].pop(change.event.key, None)
            else:
                state.received[channel][change.event.key] = change.event.version
        state.pending[channel] = []


def read_state(settings: Settings) -> State:
    """Read the state; an empty state before the first evaluation. Raises AlertsUnreadable."""
    file = settings.alerts / "state.json"
    if not file.exists():
        return State()
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return State(
            {key: _change(change) for key, change in content["opened"].items()},
            {channel: [_change(change) for change in waiting] for channel, waiting in content["pending"].items()},
            content["received"],
            content["deliveries"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AlertsUnreadable(
            f"{file}: expected the state of alerts, got something else: the next evaluation begins a new file, and "
            "sends the open events again (tierhouse alerts --check)"
        ) from error


def write_state(settings: Settings, state: State) -> None:
    content = {
        "opened": {key: _json(change) for key, change in state.opened.items()},
        "pending": {channel: [_json(change) for change in waiting] for channel, waiting in state.pending.items()},
        "received": state.received,
        "deliveries": state.deliveries,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    write_atomically(settings.alerts / "state.json", text.encode())


def _json(change: Change) -> dict[str, Any]:
    return {"event": change.event.as_json(), "is_recovery": change.is_recovery, "at": change.at}


def _change(content: Mapping[str, Any]) -> Change:
    return Change(event_from_json(content["event"]), content["is_recovery"], content["at"])
