"""SQL for one end of a range of amounts as people write it: 1-1.5 Cr, 80-120万, 300万以上, under 2M."""

from __future__ import annotations

from pipelines.home.sql import literal
from pipelines.ingest.mapping.written_numbers import DECIMAL_MARKS
from pipelines.ingest.typing.numbers import CURRENCY, SPACES, UNIT, narrow_sql

_NUMBER = "[0-9](?:[0-9.,'\u2019 ]*[0-9])?"
_TO = "(?:[-\u2010-\u2015~\uff5e\u301c\u2212至到]|(?i:to)|[.]{2,3})"
_ABOUT = "(?:约|大约|(?i:about|around|approx[.]?|ca[.]?))"
PAIR = (
    rf"^ *{_ABOUT}? *(?:{CURRENCY})? *({_NUMBER}) *({UNIT})? *(?:{CURRENCY})? *{_TO} *"
    rf"(?:{CURRENCY})? *({_NUMBER}) *({UNIT})? *(?:{CURRENCY})? *(?:左右|之间)?$"
)
_LOWER = (
    "(?:>=?|≥|(?i:over|above|from|at least|more than|min[.]?))",
    "(?:[+]|以上|起|(?i:and above|and up|or more|plus|upwards))",
)
_UPPER = (
    "(?:<=?|≤|(?i:under|below|up ?to|at most|less than|max[.]?))",
    "(?:以下|以内|以內|(?i:or less|or below|and below|max))",
)


def range_sql(text: str, end: str, decimal: str | None) -> str:
    """SQL for the text of the lower or upper end of the range in `text`; null if the range is open there.

    `end`: low or high. A unit after the second number counts for both. A text that is no range is unchanged: it is both
    ends. `decimal`: the decimal mark of the column.
    """
    plain = narrow_sql(text, SPACES, " " * len(SPACES))
    low, low_unit, high, high_unit = (f"regexp_extract({plain}, {literal(PAIR)}, {part})" for part in (1, 2, 3, 4))
    # Without a unit of its own the first number has that of the second, if it is then not the larger one: 900-1.2M.
    orders = f"({_value(low, decimal)} <= {_value(high, decimal)} OR {low_unit} <> '')"
    ends = {
        "low": f"{low} || coalesce(nullif({low_unit}, ''), {high_unit})",
        "high": f"{high} || coalesce(nullif({high_unit}, ''), {low_unit})",
    }
    open_ends = {"low": _LOWER, "high": _UPPER}
    cases = [f"WHEN regexp_matches({plain}, {literal(PAIR)}) AND {orders} THEN {ends[end]}"]
    for name, (before, after) in open_ends.items():
        pattern = rf"^ *(?:{before} *(.*[0-9].*?)|([^-]*[0-9].*?) *{after}) *$"
        amount = f"regexp_extract({plain}, {literal(pattern)}, 1) || regexp_extract({plain}, {literal(pattern)}, 2)"
        cases.append(f"WHEN regexp_matches({plain}, {literal(pattern)}) THEN {amount if name == end else 'NULL'}")
    about = f"regexp_replace({plain}, {literal(rf'^ *{_ABOUT} *|左右 *$')}, '', 'g')"
    return f"(CASE {' '.join(cases)} ELSE CASE WHEN {about} <> {plain} THEN {about} ELSE {text} END END)"


def _value(number: str, decimal: str | None) -> str:
    """SQL for the size of the number, to compare both ends."""
    mark = decimal or "."
    digits = f"translate({number}, {literal(DECIMAL_MARKS[mark] + chr(39) + chr(0x2019) + ' ')}, '')"
    return f"TRY_CAST(replace({digits}, {literal(mark)}, '.') AS DOUBLE)"
