"""What several sections need: rows of a query, periods in words, intervals of shares, the largest members."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import sqrt
from typing import Any

import duckdb

from pipelines.report import formats
from pipelines.report.section import Words

SHOWN = 12
"""Members of a dimension that a chart shows. The others are one row, or the caption says that they are left out."""
GRADES = "ABCD"
_Z95 = 1.959964


def fetch(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return all rows of a query over the published tables."""
    return connection.execute(query, list(values)).fetchall()


def as_of(connection: duckdb.DuckDBPyConnection) -> date:
    """Return the day of the publication."""
    return fetch(connection, "SELECT as_of FROM publication")[0][0]


def both(text: str) -> Words:
    """Return a text that is the same in both languages, such as a key or a number."""
    return Words(text, text)


def join(words: Sequence[Words], en: str = ", ", zh: str = "，") -> Words:
    return Words(en.join(word.en for word in words), zh.join(word.zh for word in words))


def between(first: date, last: date) -> Words:
    """Return a period of days."""
    start, end = formats.day(first), formats.day(last)
    return start if first == last else Words(f"{start.en} to {end.en}", f"{start.zh}至{end.zh}")


def months_between(first: date, last: date) -> Words:
    """Return a period of whole months."""
    start, end = formats.month(first), formats.month(last)
    return start if first == last else Words(f"{start.en} to {end.en}", f"{start.zh}至{end.zh}")


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927). Raises ZeroDivisionError if `n` is 0."""
    share, weight = successes / n, _Z95**2 / n
    middle = (share + weight / 2) / (1 + weight)
    half = _Z95 / (1 + weight) * sqrt(share * (1 - share) / n + weight / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def others(count: int) -> Words:
    """Return the name of the row that sums the members beyond the largest ones."""
    return Words(f"{count} others", f"其他 {count} 项")


def member(name: str) -> Words:
    """Return the name of a member of a dimension. Keys of agents and teams keep their first six digits."""
    known = {"unknown": Words("not known", "未知"), "(masked)": Words("not shown", "未展示")}
    if name in known:
        return known[name]
    kind, _, digits = name.partition("-")
    if kind in ("agent", "team") and len(digits) == 16 and not digits.strip("0123456789abcdef"):
        return Words(f"{kind} {digits[:6]}", f"{'顾问' if kind == 'agent' else '团队'} {digits[:6]}")
    return both(name)
