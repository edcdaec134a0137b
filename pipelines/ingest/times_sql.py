"""SQL that reads times and dates: ISO, the Chinese 年月日, the serial number of a spreadsheet, or a given pattern."""

from __future__ import annotations

from pipelines.ingest.expressions import literal
from pipelines.ingest.numbers_sql import NARROW, WIDE

CELL_PATTERNS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
"""How cells of a workbook that hold real dates are written as text (workbook.py)."""

SERIAL_DAYS = (30_000, 60_000)
"""1982 to 2064. Day numbers since 1970, which other systems write, are below 25,000 until 2038."""


def utc(local: str, timezone: str) -> str:
    """SQL for a local timestamp as UTC without offset."""
    # The microseconds of an instant are its UTC; `AT TIME ZONE 'UTC'` would ask the calendar, at twice the cost.
    return f"make_timestamp(epoch_us(({local}) AT TIME ZONE {literal(timezone)}))"


def timestamp_sql(text: str, pattern: str | None, timezone: str, *, cells: bool = False) -> str:
    """SQL for `text` as UTC without offset; null for what is no time. `cells`: dates of a workbook are ISO as well."""
    if pattern and ("%z" in pattern or "%Z" in pattern):
        return f"TRY(try_strptime({text}, {literal(pattern)}) AT TIME ZONE 'UTC')"
    if pattern:
        return f"TRY({utc(_parsed(text, pattern, cells=cells), timezone)})"
    # An offset can only stand after the ten characters of the date; 'infinity' and 'epoch' are no dates of a business.
    # Most times are `2025-03-07 10:30:00`, which has room for none.
    tail = f"substr({text}, 11)"
    plain = f"length({text}) = 19 AND substr({text}, 17, 1) = ':'"
    iso = (
        f"TRY(CASE WHEN ascii({text}) NOT BETWEEN 48 AND 57 THEN NULL "
        f"WHEN NOT ({plain}) AND (contains({tail}, '+') OR contains({tail}, '-') OR contains({tail}, 'Z')) "
        f"THEN TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
        f"ELSE {utc(f'TRY_CAST({text} AS TIMESTAMP)', timezone)} END)"
    )
    return f"coalesce({iso}, TRY({utc(_other(text), timezone)}))"


def date_sql(text: str, pattern: str | None, *, cells: bool = False) -> str:
    """SQL for `text` as a date; null for what is none."""
    if pattern:
        return f"CAST({_parsed(text, pattern, cells=cells)} AS DATE)"
    iso = f"CASE WHEN ascii({text}) BETWEEN 48 AND 57 THEN TRY_CAST({text} AS DATE) END"
    return f"coalesce({iso}, CAST({_other(text)} AS DATE))"


def _parsed(text: str, pattern: str, *, cells: bool) -> str:
    patterns = (pattern, *(CELL_PATTERNS if cells else ()))
    return f"try_strptime({text}, [{', '.join(map(literal, patterns))}])"


def _other(text: str) -> str:
    """SQL for a local timestamp of what is not ISO: full-width digits, 2025年3月7日 10:30, 45723.5."""
    text = f"translate({text}, {literal(WIDE + '：／')}, {literal(NARROW + ':/')})"
    day = rf"regexp_replace({text}, '^([0-9]{{4}})[年./]([0-9]{{1,2}})[月./]([0-9]{{1,2}})[日号]?', '\1-\2-\3')"
    first, last = SERIAL_DAYS
    serial = f"TRY_CAST({text} AS DOUBLE)"
    moment = f"TIMESTAMP '1899-12-30' + to_seconds(CAST(round({serial} * 86400) AS BIGINT))"
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?') "
        f"THEN CASE WHEN {serial} >= {first} AND {serial} < {last} THEN {moment} END "
        f"WHEN ascii({text}) BETWEEN 48 AND 57 THEN TRY_CAST({day} AS TIMESTAMP) END"
    )
