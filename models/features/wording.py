"""Forms in which a feature's value is told as a fact, in English and in Chinese.

`say` returns both. `Days` and `Since` are told with the day that the fact has held since, where it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

Fact = tuple[str, str]


def day(one: date) -> Fact:
    """`3 May`, `5月3日`."""
    return f"{one.day} {MONTHS[one.month - 1]}", f"{one.month}月{one.day}日"


@dataclass(frozen=True)
class Count:
    """`3 viewings in the last 60 days`, `1 viewing …`, `no viewing …`; `近60天带看3次`."""

    one: str
    many: str
    when: str
    zh: str

    def say(self, value: float) -> Fact:
        number = "no" if value == 0 else f"{value:,.0f}"
        return f"{number} {self.many if value > 1 else self.one} {self.when}".strip(), self.zh.format(f"{value:,.0f}次")


@dataclass(frozen=True)
class Days:
    """`no viewing for 12 days, since 3 May`; `zero` words the day itself, `missing` a null."""

    text: str
    zero: str
    zh: str
    zero_zh: str
    missing: Fact

    def say(self, value: float, since: date | None = None) -> Fact:
        if value == 0:
            return self.zero, self.zero_zh
        told = self.text.format("1 day" if value == 1 else f"{value:,.0f} days"), self.zh.format(f"{value:,.0f}天")
        if since is None:
            return told
        english, chinese = day(since)
        return f"{told[0]}, since {english}", f"{told[1]}({chinese}起)"


@dataclass(frozen=True)
class Since:
    """`no reply to 3 calls since 3 May`: a count of contacts after the last customer-initiated event.

    Without an event there is no such day.
    """

    one: str
    many: str
    zero: str
    zh: str
    zero_zh: str

    def say(self, value: float, since: date | None = None) -> Fact:
        english, chinese = ("so far", "至今") if since is None else (f"since {day(since)[0]}", f"自{day(since)[1]}起")
        if value == 0:
            return f"{self.zero} {english}", f"{chinese}{self.zero_zh}"
        counted = self.one if value == 1 else self.many.format(f"{value:,.0f}")
        return f"{counted} {english}", chinese + self.zh.format(f"{value:,.0f}")


@dataclass(frozen=True)
class Value:
    """`last satisfaction score 4.0`; the number is multiplied by `times` first. `zero` words what rounds to nothing."""

    text: str
    zh: str
    missing: Fact
    times: float = 1.0
    zero: Fact | None = None
    zero_below: float = 0.05

    def say(self, value: float) -> Fact:
        if self.zero is not None and value < self.zero_below:
            return self.zero
        return self.text.format(value * self.times), self.zh.format(value * self.times)


@dataclass(frozen=True)
class Category:
    """`first channel: walk_in`."""

    name: str
    zh: str

    @property
    def missing(self) -> Fact:
        return f"{self.name} not known", f"{self.zh}未知"

    def say(self, value: str) -> Fact:
        return f"{self.name}: {value}", f"{self.zh}:{value}"
