"""Messages in both languages, within the limits of the channels."""

import pytest

from pipelines.alerts.event import Event, Text
from pipelines.alerts.state import Change
from pipelines.alerts.words import compose, trial_message
from pipelines.home.settings import Settings

AT = "2026-07-01T09:00:00+08:00"


def change(key: str, level: str = "problem", *, recovered: bool = False, detail: str = "") -> Change:
    texts = Text(f"{key} 未通过", f"{key} closed"), Text(f"详情{detail}", f"Details{detail}")
    return Change(Event(key, "", level, *texts), recovered, AT)


@pytest.mark.parametrize(
    ("language", "shown", "hidden"),
    [("zh", ["未通过", "详情", "1 项告警"], ["closed"]), ("en", ["closed", "Details", "1 new"], ["未通过"])],
)
def test_one_language_has_no_word_of_the_other(language, shown, hidden):
    message = compose(Settings(alert_language=language), [change("gate")], "slack")
    text = f"{message.title}\n{message.body}"
    assert all(word in text for word in shown) and not [word for word in hidden if word in text]


def test_the_most_urgent_comes_first_and_recoveries_last():
    waiting = [change("urgent", "info"), change("old", recovered=True), change("gate"), change("drift", "warning")]
    message = compose(Settings(), waiting, "slack")
    places = [message.body.index(f"{key} closed") for key in ("gate", "drift", "urgent", "old")]
    assert places == sorted(places) and message.level == "problem"
    assert compose(Settings(), [change("old", recovered=True)], "slack").level == "recovered"


@pytest.mark.parametrize("count", [1, 5, 12, 60])
@pytest.mark.parametrize(("kind", "limit"), [("wecombot", 2048), ("dingtalk", 20_000), ("mailto", 20_000)])
def test_a_message_fits_into_the_channel_and_counts_what_it_leaves_out(count, kind, limit):
    waiting = [change(f"event{number}", detail="长" * 600) for number in range(count)]
    message = compose(Settings(), waiting, kind)
    assert len(f"{message.title}\n{message.body}".encode()) <= limit
    shown = sum(f"event{number} closed" in message.body for number in range(count))
    assert shown == count or f"+{count - shown}" in message.body


def test_a_title_longer_than_the_channel_is_cut():
    message = compose(Settings(), [change("很长" * 900)], "wecombot")
    assert len(f"{message.title}\n{message.body}".encode()) <= 2048


def test_the_test_message_names_the_home(tmp_path):
    message = trial_message(Settings(home=tmp_path, alert_language="en"))
    assert tmp_path.name in message.title and "test message" in message.title
