"""The text of a message: several changes in one message, in Chinese, English or both, cut to the limit of a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipelines.alerts.event import LEVELS, Text
from pipelines.alerts.state import Change
from pipelines.home.settings import Settings

MARKS = {
    "problem": Text("【严重】", "[problem]"),
    "warning": Text("【注意】", "[warning]"),
    "info": Text("【提示】", "[info]"),
}
RECOVERED = Text("【恢复】", "[recovered]")
LIMITS = {"wecombot": 2000}
"""Bytes of a message by kind of channel. WeCom refuses more than 2048."""
LIMIT = 15_000
"""Bytes of a message in every other kind of channel; DingTalk and Feishu refuse 20,000."""


class Message(NamedTuple):
    """`level`: the most urgent level of an event that opened; `recovered` if all have recovered."""

    title: str
    body: str
    level: str


def compose(settings: Settings, waiting: Sequence[Change], kind: str) -> Message:
    """Return the message about all waiting changes, most urgent first and recoveries last."""
    ordered = sorted(waiting, key=lambda change: (change.is_recovery, LEVELS.index(change.event.level)))
    opened = sum(not change.is_recovery for change in ordered)
    name, recovered = f"Tierhouse {settings.home.name}", len(ordered) - opened
    counts = [
        *([Text(f"{opened} 项告警", f"{opened} new")] if opened else []),
        *([Text(f"{recovered} 项恢复", f"{recovered} recovered")] if recovered else []),
    ]
    summary = Text("，".join(text.zh for text in counts), ", ".join(text.en for text in counts))
    title = _joined(settings, Text(f"{name}：{summary.zh}", f"{name}: {summary.en}"), " / ")
    limit = LIMITS.get(kind, LIMIT) - len(title.encode()) - 1
    full = [_entry(settings, change, with_detail=True) for change in ordered]
    body = "\n\n".join(full)
    if len(body.encode()) > limit:
        body = _cut([_entry(settings, change, with_detail=False) for change in ordered], limit)
    return Message(title, body, "recovered" if not opened else ordered[0].event.level)


def _entry(settings: Settings, change: Change, *, with_detail: bool) -> str:
    event = change.event
    mark = RECOVERED if change.is_recovery else MARKS[event.level]
    at = change.at[5:16].replace("T", " ")
    title = Text(f"{mark.zh}{event.title.zh}（{at}）", f"{mark.en} {event.title.en} ({at})")
    if change.is_recovery or not with_detail:
        return _joined(settings, title, "\n")
    if event.detail.zh == event.detail.en:
        return f"{_joined(settings, title, chr(10))}\n{event.detail.en}"
    return _joined(settings, Text(f"{title.zh}\n{event.detail.zh}", f"{title.en}\n{event.detail.en}"), "\n")


def _joined(settings: Settings, text: Text, between: str) -> str:
    if settings.alert_language == "both":
        return between.join(text)
    return text.zh if settings.alert_language == "zh" else text.en


def _cut(entries: Sequence[str], limit: int) -> str:
    """Join as many entries as fit, and count the others."""
    for shown in range(len(entries), 0, -1):
        more = len(entries) - shown
        text = "\n".join([*entries[:shown], *([f"… +{more}: tierhouse alerts"] if more else [])])
        if len(text.encode()) <= limit:
            return text
    return entries[0].encode()[:limit].decode(errors="ignore")


def trial_message(settings: Settings) -> Message:
    """Return the message of `tierhouse alerts --test`."""
    name = f"Tierhouse {settings.home.name}"
    title = _joined(settings, Text(f"{name}：测试消息", f"{name}: test message"), " / ")
    body = Text(
        "本渠道可以接收 Tierhouse 告警。请勿回复。", "This channel can receive the alerts of Tierhouse. Nothing to do."
    )
    return Message(title, _joined(settings, body, "\n"), "info")
