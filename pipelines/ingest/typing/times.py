"""SQL that reads times and dates: ISO, the Chinese 年月日, the serial number of a spreadsheet, or a given pattern.

To read another layout, add it to `_local` (without a time zone) or `_instant` (with a time zone).

A year has four digits. A time zone may follow the time: Z, UTC, GMT, an offset (+08:00, UTC+8) or an IANA name. A text
with anything else after the time is no time. A local time that a clock change skips counts as one hour later. A local
time that the clock shows twice counts as the later of the two.
"""

from __future__ import annotations

import re

from pipelines.home.sql import literal
from pipelines.ingest.typing.numbers import NARROW, WIDE

CELL_PATTERNS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
"""Layouts in which `reading/workbook.py` writes cells with real dates."""

SERIAL_DAYS = (30_000, 60_000)
"""Serial numbers that count as days: 1982 to 2064. Day numbers since 1970 stay below 25,000 until 2038."""

_PARTS = re.compile(r"%-?.|\s+|[^%\s]+|%", re.DOTALL)
"""The parts of a strptime pattern: directives, white space and literal text."""

_DAY = "([0-9]{4})[年./-]([0-9]{1,2})[月./-]([0-9]{1,2})[日号]?"
_CLOCK = "([0-9]{1,2}:[0-9]{2})(:[0-9]{2}(?:[.][0-9]{1,9})?)?"
_OFFSET = "(?:UTC|GMT|utc|gmt)?([+-])([0-9]{1,2}):?([0-9]{2})?"
_NAMES = "[Zz]|UTC|GMT|utc|gmt|[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_+-]+){1,2}"
LOCAL = f"^{_DAY}(?:[T ] *{_CLOCK})?$"
AT_OFFSET = f"^{_DAY}[T ] *{_CLOCK} *{_OFFSET}$"
IN_ZONE = f"^{_DAY}[T ] *{_CLOCK} *({_NAMES})$"


def utc(local: str, timezone: str) -> str:
    """SQL that converts a local timestamp to UTC without offset."""
    # The microseconds of an instant are in UTC. `AT TIME ZONE 'UTC'` would cost twice as much.
    return f"make_timestamp(epoch_us(({local}) AT TIME ZONE {literal(timezone)}))"


def timestamp_sql(text: str, pattern: str | None, timezone: str, *, cells: bool = False) -> str:
    """SQL for the time in `text` as UTC without offset; null if it is no time.

    `pattern`: a strptime pattern. `timezone`: zone of times without a zone. `cells`: the text comes from a workbook,
    and may have a layout of CELL_PATTERNS instead of the pattern.
    """
    if pattern:
        instant = f"timezone('UTC', {_parsed(text, pattern)})"
        given = instant if _has_zone(pattern) else utc(_parsed(text, pattern), timezone)
        written = f", TRY({utc(_cell(text), timezone)})" if cells else ""
        return f"coalesce(TRY({given}){written})"
    fast = f"TRY(CASE WHEN {_is_plain(text)} THEN {utc(f'TRY_CAST({text} AS TIMESTAMP)', timezone)} END)"
    # Regular expressions cost ten times as much as a cast, so the usual layouts with a zone are cast too.
    layout = f"{text} LIKE '____-__-__T__:__:__Z' OR {text} LIKE '____-__-__ __:__:__+__:__'"
    instant = f"TRY(CASE WHEN {layout} THEN TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END)"
    return f"coalesce({fast}, {instant}, TRY({utc(_local(text), timezone)}), TRY({_instant(text)}))"


def date_sql(text: str, pattern: str | None, timezone: str, *, cells: bool = False) -> str:
    """SQL for the date in `text`; null if it is no date. A time with a zone becomes its date in `timezone`."""
    if pattern:
        parsed = _parsed(text, pattern)
        given = f"timezone({literal(timezone)}, {parsed})" if _has_zone(pattern) else parsed
        written = f", CAST({_cell(text)} AS DATE)" if cells else ""
        return f"coalesce(TRY(CAST({given} AS DATE)){written})"
    fast = f"CASE WHEN {_is_plain(text)} THEN CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE) END"
    instant = f"CAST(timezone({literal(timezone)}, timezone('UTC', {_instant(text)})) AS DATE)"
    return f"coalesce({fast}, CAST({_local(text)} AS DATE), TRY({instant}))"


def _parsed(text: str, pattern: str) -> str:
    """SQL that reads the text by the pattern: an instant if the pattern has a zone, else a local time."""
    layout = "".join(_layout(part) for part in _PARTS.findall(pattern))
    return f"CASE WHEN regexp_full_match({text}, {literal(layout)}) THEN try_strptime({text}, {literal(pattern)}) END"


def _layout(part: str) -> str:
    """Regular expression for a part of a pattern. `try_strptime` accepts years with too few digits; this does not."""
    if part.isspace():
        return r"\s*"
    if not part.startswith("%"):
        return re.escape(part)
    return {"%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%%": "%"}.get(part, "(?:.|\\n)+")


def _has_zone(pattern: str) -> bool:
    return not {"%z", "%Z"}.isdisjoint(_PARTS.findall(pattern))


def _cell(text: str) -> str:
    """SQL that reads a real date of a workbook."""
    return f"CASE WHEN {_is_plain(text)} THEN try_strptime({text}, [{', '.join(map(literal, CELL_PATTERNS))}]) END"


def _is_plain(text: str) -> str:
    """SQL for whether the text has the layout `2025-03-07` or `2025-03-07 10:30:00`, which a cast can read."""
    # A letter at the end could be a zone, which the cast would ignore.
    return f"({text} LIKE '____-__-__ __:__:__' OR {text} LIKE '____-__-__') AND right({text}, 1) <= '9'"


def _narrow(text: str) -> str:
    return f"translate({text}, {literal(WIDE + '：／')}, {literal(NARROW + ':/')})"


def _local(text: str) -> str:
    """SQL that reads a local timestamp without zone: full-width digits, 2025年3月7日 10:30, 45723.5."""
    text = _narrow(text)
    first, last = SERIAL_DAYS
    serial = f"TRY_CAST({text} AS DOUBLE)"
    moment = f"TIMESTAMP '1899-12-30' + to_seconds(CAST(round({serial} * 86400) AS BIGINT))"
    day = rf"regexp_replace({text}, {literal(LOCAL)}, '\1-\2-\3 \4\5')"
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?') "
        f"THEN CASE WHEN {serial} >= {first} AND {serial} < {last} THEN {moment} END "
        f"WHEN regexp_full_match({text}, {literal(LOCAL)}) THEN TRY_CAST(trim({day}) AS TIMESTAMP) END"
    )


def _instant(text: str) -> str:
    """SQL that reads a time with its zone as UTC without offset."""
    text = _narrow(text)
    local = r"\1-\2-\3 \4\5"
    clock = f"TRY_CAST(regexp_replace({text}, {literal(AT_OFFSET)}, {literal(local)}) AS TIMESTAMP)"
    hours, minutes = (f"CAST(regexp_extract({text}, {literal(AT_OFFSET)}, {part}) AS BIGINT)" for part in (7, 8))
    minutes = f"coalesce(TRY({minutes}), 0)"
    sign = f"CASE WHEN regexp_extract({text}, {literal(AT_OFFSET)}, 6) = '-' THEN -1 ELSE 1 END"
    shifted = f"{clock} - to_minutes({sign} * (60 * {hours} + {minutes}))"
    zone = f"regexp_extract({text}, {literal(IN_ZONE)}, 6)"
    named = f"TRY_CAST(regexp_replace({text}, {literal(IN_ZONE)}, {literal(local)}) AS TIMESTAMP)"
    is_utc = f"upper({zone}) IN ('Z', 'UTC', 'GMT')"
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(AT_OFFSET)}) "
        f"THEN CASE WHEN {hours} <= 14 AND {minutes} < 60 THEN {shifted} END "
        f"WHEN regexp_full_match({text}, {literal(IN_ZONE)}) THEN CASE WHEN {is_utc} THEN {named} "
        f"ELSE make_timestamp(epoch_us(TRY_CAST(CAST({named} AS VARCHAR) || ' ' || {zone} AS TIMESTAMPTZ))) END END"
    )
