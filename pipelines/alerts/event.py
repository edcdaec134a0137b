"""An event: a condition of the home that people should know about, in words for both languages."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from pipelines.messages import without_contacts

Level = Literal["problem", "warning", "info"]
LEVELS: tuple[Level, ...] = ("problem", "warning", "info")
"""From the most urgent level to the least."""


class Text(NamedTuple):
    """The same text in Chinese and English."""

    zh: str
    en: str


class Event(NamedTuple):
    """An open event. Contains counts, days and names of rules; never data of a customer.

    `key`: the condition, such as `run/daily_grading`. `version`: another version of the same key is sent again.
    `seen_in`: the run or publication that the event was read from.
    """

    key: str
    version: str
    level: Level
    title: Text
    detail: Text
    seen_in: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**self._asdict(), "title": list(self.title), "detail": list(self.detail)}


def event_from_json(content: dict[str, Any]) -> Event:
    """Return the event that `as_json` wrote. Raises KeyError, TypeError or ValueError for other content."""
    key, version, level, title, detail, seen_in = (content[name] for name in Event._fields)
    return Event(key, version, level, Text(*title), Text(*detail), seen_in)


def event(key: str, version: str, level: Level, title: Text, detail: Text, seen_in: str = "") -> Event:
    """Return an event whose texts contain no phone and no e-mail address."""
    clean_title, clean_detail = (Text(*map(without_contacts, text)) for text in (title, detail))
    return Event(key, version, level, clean_title, clean_detail, seen_in)
