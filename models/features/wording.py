"""Forms that turn the value of a feature into a fact, in English and in Chinese.

`phrase` returns both languages. `Days` and `Since` name the day on which the fact began, if it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

Fact = tuple[str, str]


def day(value: date) -> Fact:
    """`3 May`, `5月3日`."""
    return f"{value.day} {MONTHS[value.month - 1]}", f"{value.month}月{value.day}日"


@dataclass(frozen=True)
class Count:
    """`3 viewings in the last 60 days`, `1 viewing …`, `no viewing …`; `近60天带看3次`."""

    singular: str
    plural: str
    when: str
    zh: str

    def phrase(self, value: float) -> Fact:
        number = "no" if value == 0 else f"{value:,.0f}"
        return f"{number} {self.plural if value > 1 else self.singular} {self.when}".strip(), self.zh.format(
            f"{value:,.0f}次"
        )


@dataclass(frozen=True)
class Days:
    """`no viewing for 12 days, since 3 May`. `zero`: the text on the day itself; `missing`: the text of null."""

    text: str
    zero: str
    zh: str
    zero_zh: str
    missing: Fact

    def phrase(self, value: float, since: date | None = None) -> Fact:
        if value == 0:
            return self.zero, self.zero_zh
        days = "1 day" if value == 1 else f"{value:,.0f} days"
        english, chinese = self.text.format(days), self.zh.format(f"{value:,.0f}天")
        if since is None:
            return english, chinese
        since_en, since_zh = day(since)
        return f"{english}, since {since_en}", f"{chinese}({since_zh}起)"


@dataclass(frozen=True)
class Since:
    """`no reply to 3 calls since 3 May`: contacts after the last customer-initiated event, or `so far` without one."""

    singular: str
    plural: str
    zero: str
    zh: str
    zero_zh: str

    def phrase(self, value: float, since: date | None = None) -> Fact:
        english, chinese = ("so far", "至今") if since is None else (f"since {day(since)[0]}", f"自{day(since)[1]}起")
        if value == 0:
            return f"{self.zero} {english}", f"{chinese}{self.zero_zh}"
        counted = self.singular if value == 1 else self.plural.format(f"{value:,.0f}")
        return f"{counted} {english}", chinese + self.zh.format(f"{value:,.0f}")


@dataclass(frozen=True)
class Value:
    """`last satisfaction score 4.0`. The number is multiplied by `times`. `zero`: the text below `zero_below`."""

    text: str
    zh: str
    missing: Fact
    times: float = 1.0
    zero: Fact | None = None
    zero_below: float = 0.05

    def phrase(self, value: float) -> Fact:
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

    def phrase(self, value: str) -> Fact:
        return f"{self.name}: {value}", f"{self.zh}:{value}"
