"""Recognises the values of a column: dates and their pattern, numbers, ids of spreadsheets, phones, e-mails."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import duckdb

from pipelines.home.sql import first_value
from pipelines.ingest.draft.marks import is_number
from pipelines.ingest.mapping.formats import ROC
from pipelines.ingest.mapping.written_numbers import DECIMAL_MARKS
from pipelines.ingest.typing.numbers import number_sql
from pipelines.ingest.typing.ranges import range_sql
from pipelines.ingest.typing.times import timestamp_sql

ENOUGH = 0.9
SAMPLE = 2_000
_PLAIN_TIME = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?"
    r"([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|(UTC|GMT)?([+-]\d{1,2}(:?\d{2})?)?|[A-Z][a-z]+/[A-Za-z_]+))?)?"
    r"|[3-5]\d{4}(\.\d+)?"
)
_DAYS = (
    *("%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d"),
    *("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%y/%m/%d", "%y-%m-%d"),
    *("%Y-%m-%d", "%Y/%m/%d"),
)
_HOURS = ("", *(mark + hour for mark in (" ", ", ") for hour in ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p")))
PATTERNS = tuple(day + hour for day in _DAYS for hour in _HOURS)
_SHAPE_OF_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T,].*)?")
_ROC = re.compile(r"1\d\d[-/.]\d{1,2}[-/.]\d{1,2}.*|1\d{6}")
"""Years of the Republic of China from 2011 on. Smaller ones can be years of two digits."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_RANGE = re.compile(
    r"\d+(\.\d+)? ?[万萬]?[元圓]? ?(([-~～－—–至到]+ ?\d+(\.\d+)? ?[万亿萬億]?[元圓]?)?(以[上下内內])?)"
)
_PHONE = re.compile(r"(\+?86)?1\d{10}|\+\d{8,14}|0\d{9,11}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def look_like_dates(texts: Sequence[str]) -> bool:
    """Whether most values have the form of a date, of one or several patterns."""
    return _share(_SHAPE_OF_DATE, texts) >= ENOUGH


def likeliest_pattern(texts: Sequence[str]) -> str:
    """The strptime pattern of most values; "" for year, month and day, which need no pattern."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    counted = {pattern: sum(_parses(text, pattern) for text in sample) for pattern in PATTERNS}
    counted[""] = sum(bool(_PLAIN_TIME.fullmatch(text)) for text in sample)
    return max(counted, key=lambda pattern: (counted[pattern], pattern == ""))


def date_patterns(texts: Sequence[str]) -> list[str] | None:
    """The strptime patterns that fit the values equally well; [""] if no pattern is needed, None for no dates."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    if not sample:
        return None
    if _share(_PLAIN_TIME, sample) >= ENOUGH:
        return [""]
    fits = [pattern for pattern in PATTERNS if _parses(sample[0], pattern) or _parses(sample[-1], pattern)]
    counted = {pattern: sum(_parses(text, pattern) for text in sample) for pattern in fits}
    best = max(counted.values(), default=0)
    if best < ENOUGH * len(sample):
        words = ["", *([ROC] if _share(_ROC, sample) >= ENOUGH else [])]
        return next(([word] for word in words if _read_share(sample, _moment(word)) >= ENOUGH), None)
    # Years are few. A pattern with more years than another one takes days for years.
    years = {pattern: len(_years(sample, pattern)) for pattern in fits if counted[pattern] == best}
    return [pattern for pattern, number in years.items() if number == min(years.values())]


def settle_dates(fitting: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Choose one of the patterns that fit each column: the order of day and month of the other dates of the file.

    Returns the pattern of each column, and a doubt for each column that no other date decides.
    """
    orders = {_is_day_first(patterns[0]) for patterns in fitting.values() if len(patterns) == 1} - {None}
    formats, doubts = {}, {}
    for column, patterns in fitting.items():
        agreeing = [pattern for pattern in patterns if _is_day_first(pattern) in orders]
        is_settled = len(patterns) > 1 and len(orders) == 1 and bool(agreeing)
        formats[column] = agreeing[0] if is_settled else patterns[0]
        if len(patterns) > 1 and not is_settled:
            doubts[column] = (
                f"{column!r}: its values fit {' and '.join(patterns)}; {patterns[0]} is used. Does the day or the "
                "month come first?"
            )
    return formats, doubts


def _is_day_first(pattern: str) -> bool | None:
    day, month = (pattern.find(part) for part in ("%d", "%m"))
    return day < month if min(day, month) >= 0 and not pattern.startswith("%Y") else None


def are_amounts(texts: Sequence[str]) -> bool:
    """Whether most values are numbers, also with marks, a unit or a currency."""
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    if not sample or sum(map(is_number, sample)) >= ENOUGH * len(sample):
        return bool(sample)
    return any(_read_share(sample, number_sql("money", "text", Decimal(1), mark)) >= ENOUGH for mark in DECIMAL_MARKS)


def are_ranges(texts: Sequence[str]) -> bool:
    """Whether most values are amounts or ranges of amounts, such as 300-500万, 800万以上 and 1-1.5 Cr."""
    ends = (number_sql("money", f"({range_sql('text', end, '.')})", Decimal(1), ".") for end in ("low", "high"))
    return _share(_RANGE, texts) >= ENOUGH or _read_share(texts, f"coalesce({', '.join(ends)})") >= ENOUGH


def are_numbers(texts: Sequence[str]) -> bool:
    return _share(_NUMBER, texts) >= ENOUGH


def are_phones(texts: Sequence[str]) -> bool:
    return _share(_PHONE, [re.sub(r"[\s()-]", "", text) for text in texts]) >= ENOUGH


def are_emails(texts: Sequence[str]) -> bool:
    return _share(_EMAIL, texts) >= ENOUGH


def are_float_ids(texts: Sequence[str]) -> bool:
    """Whether most ids end in .0, as spreadsheets and data frames write a column of numbers with blanks."""
    return bool(texts) and sum(text.endswith(".0") for text in texts) >= ENOUGH * len(texts)


def are_unique(texts: Sequence[str]) -> bool:
    return len(set(texts)) == len(texts)


def numbers(texts: Sequence[str | None]) -> list[float | None]:
    """The values as numbers, null for other texts."""
    return [float(text) if text and _NUMBER.fullmatch(text) else None for text in texts]


def _share(pattern: re.Pattern[str], texts: Sequence[str]) -> float:
    sample = texts[:: max(1, len(texts) // SAMPLE)]
    return sum(bool(pattern.fullmatch(text)) for text in sample) / len(sample) if sample else 0.0


def _moment(pattern: str) -> str:
    return timestamp_sql("text", [pattern] if pattern else [], "UTC")


def _read_share(texts: Sequence[str], sql: str) -> float:
    """The share of the values that a run would read. `sql`: what it reads from `text`."""
    sample = list(texts[:: max(1, len(texts) // SAMPLE)])
    if not sample:
        return 0.0
    with duckdb.connect() as connection:
        query = f"SELECT count({sql}) / count(*) FROM (SELECT unnest(?::VARCHAR[]) AS text)"
        return float(first_value(connection.execute(query, [sample])))


def _years(texts: Sequence[str], pattern: str) -> set[int]:
    return {datetime.strptime(text, pattern).year for text in texts if _parses(text, pattern)}  # noqa: DTZ007


def _parses(text: str, pattern: str) -> bool:
    if len(text) < 8 and "%y" not in pattern:
        return False
    try:
        datetime.strptime(text, pattern)  # noqa: DTZ007
    except ValueError:
        return False
    return True
