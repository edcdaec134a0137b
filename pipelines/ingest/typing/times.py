"""SQL that reads times and dates: ISO, the Chinese 年月日, names of months, numbers of spreadsheets and of clocks.

To read another layout, add it to `_local` or `_rare_local` (without a time zone) or `_instant` (with a time zone). A
mapping may give patterns instead: of these, the first that fits counts.

A year has four digits. A time zone may follow the time: Z, UTC, GMT, an offset (+08:00, UTC+8) or an IANA name. A text
with anything else after the time is no time. A local time that a clock change skips counts as one hour later. A local
time that the clock shows twice counts as the later of the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipelines.home.sql import literal
from pipelines.ingest.mapping.formats import EPOCHS, ROC
from pipelines.ingest.typing.numbers import narrow_sql

CELL_PATTERNS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
"""Layouts in which `reading/workbook.py` writes cells with real dates."""

SERIAL_DAYS = (30_000, 60_000)
"""Serial numbers that count as days: 1982 to 2064. Day numbers since 1970 stay below 25,000 until 2038."""

_PARTS = re.compile(r"%-?.|\s+|[^%\s]+|%", re.DOTALL)
"""The parts of a strptime pattern: directives, white space and literal text."""

_ROC_YEAR = "(?:中華民國|中华民国|民國|民国)"
_ROC_DAY = f"{_ROC_YEAR}? *([0-9]{{2,3}})[年./-] *([0-9]{{1,2}})[月./-] *([0-9]{{1,2}})日?"
_MONTHS = "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER"
_MONTH = "(?:" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS.split()) + ")"
_SPOKEN_DAYS = {
    "%d %b %Y": f"[0-9]{{1,2}} {_MONTH} [0-9]{{4}}",
    "%b %d %Y": f"{_MONTH} [0-9]{{1,2}} [0-9]{{4}}",
    "%Y %b %d": f"[0-9]{{4}} {_MONTH} [0-9]{{1,2}}",
    "%Y %m %d": "[0-9]{4} [0-9]{1,2} [0-9]{1,2}",
}
_SPOKEN_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_SPOKEN = f"(?:{'|'.join(_SPOKEN_DAYS.values())})(?: [0-9]{{1,2}}:[0-9]{{2}}(?::[0-9]{{2}})?(?: [AP]M)?)?"

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


def timestamp_sql(text: str, patterns: Sequence[str], timezone: str, *, cells: bool = False) -> str:
    """SQL for the time in `text` as UTC without offset; null if it is no time.

    `patterns`: strptime patterns, or words of TIME_WORDS. `timezone`: zone of times without a zone. `cells`: the text
    comes from a workbook, and may have a layout of CELL_PATTERNS instead of the patterns.
    """
    if patterns:
        given = [f"TRY({_given(text, pattern, timezone)})" for pattern in patterns]
        written = [f"TRY({utc(_cell(text), timezone)})"] if cells else []
        return f"coalesce({', '.join([*given, *written])})"
    fast = f"TRY(CASE WHEN {_is_plain(text)} THEN {utc(f'TRY_CAST({text} AS TIMESTAMP)', timezone)} END)"
    # Regular expressions cost ten times as much as a cast, so the usual layouts with a zone are cast too.
    layout = f"{text} LIKE '____-__-__T__:__:__Z' OR {text} LIKE '____-__-__ __:__:__+__:__'"
    instant = f"TRY(CASE WHEN {layout} THEN TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END)"
    usual = f"{fast}, {instant}, TRY({utc(_local(text), timezone)}), TRY({_instant(text)})"
    rare = f"coalesce(TRY({utc(_rare_local('one'), timezone)}), {_any_epoch('one')})"
    return f"coalesce({usual}, {_for_narrow(text, rare)})"


def date_sql(text: str, patterns: Sequence[str], timezone: str, *, cells: bool = False) -> str:
    """SQL for the date in `text`; null if it is no date. A time with a zone becomes its date in `timezone`."""
    if patterns:
        given = [f"TRY(CAST({_given_day(text, pattern, timezone)} AS DATE))" for pattern in patterns]
        written = [f"CAST({_cell(text)} AS DATE)"] if cells else []
        return f"coalesce({', '.join([*given, *written])})"
    fast = f"CASE WHEN {_is_plain(text)} THEN CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE) END"
    instant = f"CAST(timezone({literal(timezone)}, timezone('UTC', {_instant(text)})) AS DATE)"
    usual = f"{fast}, CAST({_local(text)} AS DATE), TRY({instant})"
    clock = f"timezone({literal(timezone)}, timezone('UTC', {_any_epoch('one')}))"
    rare = f"CAST(coalesce({_rare_local('one')}, {clock}) AS DATE)"
    return f"coalesce({usual}, {_for_narrow(text, rare)})"


def _given(text: str, pattern: str, timezone: str) -> str:
    """SQL for the time as UTC without offset, by a pattern or a word of TIME_WORDS."""
    if pattern in EPOCHS:
        return _epoch(text, pattern)
    if pattern == ROC:
        return utc(_roc(text), timezone)
    return f"timezone('UTC', {_parsed(text, pattern)})" if _has_zone(pattern) else utc(_parsed(text, pattern), timezone)


def _given_day(text: str, pattern: str, timezone: str) -> str:
    """SQL for the local time, by a pattern or a word of TIME_WORDS."""
    if pattern in EPOCHS:
        return f"timezone({literal(timezone)}, timezone('UTC', {_epoch(text, pattern)}))"
    if pattern == ROC:
        return _roc(text)
    parsed = _parsed(text, pattern)
    return f"timezone({literal(timezone)}, {parsed})" if _has_zone(pattern) else parsed


def _epoch(text: str, unit: str) -> str:
    """SQL for the time of a clock, in UTC without offset. Larger numbers, such as 2025030710, are no such time."""
    digits = EPOCHS[unit]
    microseconds = f"CAST(regexp_extract({text}, '^[0-9]+') AS BIGINT) * {10 ** (16 - digits)}"
    return (
        f"CASE WHEN regexp_full_match({text}, '1[0-9]{{{digits - 1}}}([.]0*)?') THEN make_timestamp({microseconds}) END"
    )


def _any_epoch(text: str) -> str:
    return f"coalesce({', '.join(_epoch(text, unit) for unit in EPOCHS)})"


def _rare_local(text: str) -> str:
    return f"CASE WHEN regexp_matches({text}, '^{_ROC_YEAR}') THEN {_roc(text)} ELSE {_spoken(text)} END"


def _roc(text: str) -> str:
    """SQL for a day of the calendar of the Republic of China, with or without a clock."""
    text = f"regexp_replace({_narrow(text)}, '^([0-9]{{3}})([0-9]{{2}})([0-9]{{2}})$', '\\1/\\2/\\3')"
    pattern = f"^{_ROC_DAY}(?:[T ] *{_CLOCK})?$"
    year, month, day, minutes, seconds = (f"regexp_extract({text}, {literal(pattern)}, {part})" for part in range(1, 6))
    local = f"(CAST({year} AS INTEGER) + 1911) || '-' || {month} || '-' || {day} || ' ' || {minutes} || {seconds}"
    return f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) THEN TRY_CAST(trim({local}) AS TIMESTAMP) END"


def _spoken(text: str) -> str:
    """SQL for a local time with the name of a month, or with a clock of 12 hours: 15 Apr, 2021 12:03 AM."""
    plain = f"upper(replace(replace({text}, '上午', ' AM '), '下午', ' PM '))"
    for pattern, replacement in (
        ("[年月日号,]", " "),
        ("\\bSEPT\\b", "SEP"),
        ("([0-9])(?:ST|ND|RD|TH)\\b", "\\1"),
        ("\\b(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*\\b", " "),
        (f"\\b({_MONTH})[.]", "\\1 "),
        ("[-/]", " "),
        ("([0-9])([AP])[.]?M[.]?$", "\\1 \\2M"),
        ("\\b([AP]M) +([0-9:]+)$", "\\2 \\1"),
        (" +", " "),
    ):
        plain = f"regexp_replace({plain}, {literal(pattern)}, {literal(replacement)}, 'g')"
    plain = f"trim({plain})"
    named = literal(_MONTH)
    months = f"regexp_replace({plain}, {named}, left(regexp_extract({plain}, {named}), 3))"
    layouts = ", ".join(literal(day + clock) for day in _SPOKEN_DAYS for clock in _SPOKEN_CLOCKS)
    return (
        f"CASE WHEN regexp_matches({text}, '[A-Za-z上下]') AND regexp_full_match({plain}, {literal(_SPOKEN)}) "
        f"THEN try_strptime({months}, [{layouts}]) END"
    )


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


def _for_narrow(text: str, expression: str) -> str:
    """SQL for an expression over `one`, the text with digits and marks of ASCII.

    A lambda: DuckDB would compute parts that an expression repeats for every row, also for rows that do not need them.
    """
    return f"list_transform([{_narrow(text)}], lambda one: {expression})[1]"


def _narrow(text: str) -> str:
    return narrow_sql(text, "：／", ":/")


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
