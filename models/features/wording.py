"""Forms that turn the value of a feature into a fact, in English and in Chinese.

`phrase` returns both languages. `Days` and `Since` name the day on which the fact began, if it is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.features.names import name_of

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


def day(value: date, as_of: date) -> Fact:
    """`3 May`, `5 月 3 日`; with the year if it is not that of `as_of`."""
    english, chinese = f"{value.day} {MONTHS[value.month - 1]}", f"{value.month} 月 {value.day} 日"
    if value.year == as_of.year:
        return english, chinese
    return f"{english} {value.year}", f"{value.year} 年 {chinese}"


@dataclass(frozen=True)
class Count:
    """`3 viewings in the last 60 days`, `1 viewing …`, `no viewing …`; `近 60 天看房 3 次`."""

    singular: str
    plural: str
    when: str
    zh: str

    def phrase(self, value: float) -> Fact:
        number = "no" if value == 0 else f"{value:,.0f}"
        return f"{number} {self.plural if value > 1 else self.singular} {self.when}".strip(), self.zh.format(
            f" {value:,.0f} 次"
        )


@dataclass(frozen=True)
class Days:
    """`no viewing for 12 days, since 3 May`. `since`: the day in both languages.

    `zero`: the text on the day itself; `missing`: the text of null.
    """

    text: str
    zero: str
    zh: str
    zero_zh: str
    missing: Fact

    def phrase(self, value: float, since: Fact | None = None) -> Fact:
        if value == 0:
            return self.zero, self.zero_zh
        days = "1 day" if value == 1 else f"{value:,.0f} days"
        english, chinese = self.text.format(days), self.zh.format(f"{value:,.0f} 天")
        if since is None:
            return english, chinese
        return f"{english}, since {since[0]}", f"{chinese}（{since[1]}起）"


@dataclass(frozen=True)
class Since:
    """`no reply to 3 calls since 3 May`: contacts after the last customer-initiated event, or `so far` without one."""

    singular: str
    plural: str
    zero: str
    zh: str
    zero_zh: str

    def phrase(self, value: float, since: Fact | None = None) -> Fact:
        english, chinese = ("so far", "至今") if since is None else (f"since {since[0]}", f"{since[1]}以来")
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
    """`first channel: walk-in`. `column`: of the value, whose names are in `names.py`."""

    column: str
    name: str
    zh: str

    @property
    def missing(self) -> Fact:
        return f"{self.name} not known", f"{self.zh}未知"

    def phrase(self, value: str) -> Fact:
        english, chinese = name_of(self.column, value)
        return f"{self.name}: {english}", f"{self.zh}：{chinese}"
