"""Numbers as a sales manager reads them: 2.1 万元 and CNY 21 k."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from pipelines.report.section import Kind, Words

DASH = Words("–", "–")
WAN = 10_000
"""1 万元 = CNY 10,000."""


def count(value: float | Decimal) -> Words:
    return _same(f"{value:,.0f}")


def money(value: float | Decimal) -> Words:
    """Format CNY: 元, 万元 or 亿元 in Chinese; units, thousands (k) or millions (m) in English."""
    amount = float(value)
    size = abs(amount)
    if size >= 100 * WAN * 100:
        zh = f"{amount / WAN / WAN:,.2f} 亿元"
    elif size >= 100 * WAN:
        zh = f"{amount / WAN:,.0f} 万元"
    elif size >= WAN:
        zh = f"{amount / WAN:,.1f} 万元"
    else:
        zh = f"{amount:,.0f} 元"
    if size >= 1e6:
        return Words(f"CNY {amount / 1e6:,.2f} m", zh)
    return Words(f"CNY {amount / 1e3:,.0f} k" if size >= WAN else f"CNY {amount:,.0f}", zh)


def change(value: float | Decimal) -> Words:
    """Format a count with its sign."""
    return _same(f"{value:+,.0f}".replace("-", "−").replace("+0", "±0"))


def money_change(value: float | Decimal) -> Words:
    """As `money`, with a sign."""
    sign, amount = ("−" if value < 0 else "+"), money(abs(value))
    return Words(f"{sign}{amount.en}", f"{sign}{amount.zh}")


def share(value: float | Decimal) -> Words:
    """Format a share of 0 to 1 as a percentage, with one digit below 10 %."""
    percent = float(value) * 100
    digits = 1 if 0 < abs(percent) < 9.95 else 0
    return Words(f"{percent:.{digits}f} %", f"{percent:.{digits}f}%")


def number(value: float | Decimal) -> Words:
    return _same(f"{float(value):,.3g}" if abs(value) < 1000 else f"{float(value):,.0f}")


def day(value: date) -> Words:
    return Words(f"{value.day} {value:%b} {value.year}", f"{value.year}年{value.month}月{value.day}日")


def month(value: date) -> Words:
    return Words(f"{value:%b} {value.year}", f"{value.year}年{value.month}月")


def cell(value: object, kind: Kind) -> Words:
    """Format a cell of a table."""
    if value is None or value != value:
        return DASH
    if isinstance(value, Words):
        return value
    if isinstance(value, str):
        return _same(value)
    if isinstance(value, date):
        return month(value) if kind == "month" else day(value)
    if not isinstance(value, int | float | Decimal):
        return _same(str(value))
    return FORMATS[kind](value) if kind in FORMATS else _same(str(value))


FORMATS: Mapping[Kind, Callable[[float | Decimal], Words]] = {
    "count": count,
    "change": change,
    "money": money,
    "money_change": money_change,
    "share": share,
    "number": number,
}


def _same(text: str) -> Words:
    return Words(text, text)
