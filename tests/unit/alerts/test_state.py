"""The state of alerts under any history of events and failed deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.alerts.event import Event, Text
from pipelines.alerts.state import AlertsUnreadable, State, advance, delivered, read_state, write_state
from pipelines.home.settings import Settings

START = datetime.fromisoformat("2026-07-01T00:00:00+08:00")
KEYS, CHANNELS = ("a", "b", "c"), ("x", "y")


def event(key: str, version: int) -> Event:
    return Event(key, str(version), "problem", Text(key, key), Text(key, key))


steps = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 2)), st.sets(st.sampled_from(CHANNELS))),
    min_size=1,
    max_size=12,
)


@given(steps)
def test_what_a_channel_was_told_is_what_is_open_and_nothing_is_told_twice(history):
    """`history`: open events (key → version), and the channels that fail, by evaluation. At last no channel fails."""
    state = State()
    told: dict[str, dict[str, str]] = {channel: {} for channel in CHANNELS}
    last = history[-1][0]
    for number, (opened, failing) in enumerate([*history, (last, set())]):
        now = START + timedelta(minutes=number)
        state = advance(state, [event(key, version) for key, version in opened.items()], CHANNELS, now)
        for channel in CHANNELS:
            if not state.pending[channel]:
                continue
            if channel not in failing:
                for change in state.pending[channel]:
                    key, version = change.event.key, change.event.version
                    if change.is_recovery:
                        told[channel].pop(key, None)
                    else:
                        assert told[channel].get(key) != version
                        told[channel][key] = version
            delivered(state, channel, channel, now, "HTTP 500" if channel in failing else None)
    for channel in CHANNELS:
        assert told[channel] == {key: str(version) for key, version in last.items()}


def test_a_channel_that_fails_for_weeks_has_few_changes_waiting():
    state = State()
    for day in range(60):
        events = [event("urgent", day), *([event("gate", 0)] if day % 2 else [])]
        state = advance(state, events, ["x"], START + timedelta(days=day))
        delivered(state, "x", "1 slack", START, "HTTP 500")
    assert len(state.pending["x"]) <= 3
    assert len(state.deliveries) <= 50


def test_the_same_failure_is_one_line_with_its_number_of_tries():
    state = advance(State(), [event("a", 0)], ["x"], START)
    for _ in range(3):
        delivered(state, "x", "1 slack", START, "HTTP 500")
    assert [(entry["problem"], entry["tries"]) for entry in state.deliveries] == [("HTTP 500", 3)]


def test_the_state_survives_a_restart_and_a_damaged_file_is_named(tmp_path):
    settings = Settings(home=tmp_path)
    assert read_state(settings) == State()
    state = advance(State(), [event("a", 0)], ["x"], START)
    write_state(settings, state)
    assert read_state(settings) == state
    (tmp_path / "alerts" / "state.json").write_text('{"opened": []}')
    with pytest.raises(AlertsUnreadable, match=r"state\.json: expected .*begins a new file"):
        read_state(settings)
