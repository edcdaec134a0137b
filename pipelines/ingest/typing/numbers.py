"""SQL that reads numbers and amounts as people write them: marks of a locale, full-width digits, 万, 亿 and 元.

To read another unit of amounts, add it to `UNITS`; another currency beside an amount, to `CURRENCY`. The names that
the column `currency` may have are in `pipelines/rules/currencies.py`.
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.home.sql import literal
from pipelines.ingest.mapping.written_numbers import DECIMAL_MARKS
from pipelines.rules.currencies import ISO_CURRENCIES

WIDE, NARROW = "０１２３４５６７８９．，－＋　", "0123456789.,-+ "
UNITS = (("亿", 100_000_000), ("万", 10_000))
UNIT = "|".join([*(f"{name}元?" for name, _ in UNITS), "元", "圆"])
AMOUNT = rf"[¥￥]? *-?([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+)([.][0-9]+)? *({UNIT})"

SPACES = "\u00a0\u202f\u2007\u2009"
CURRENCY = rf"(?:[A-Z]{{0,3}}\p{{Sc}}|RMB|{'|'.join(sorted(ISO_CURRENCIES))})"

_SIGN = "[-\u2212+]"
_POINTS_GROUP = r"[0-9]{1,3}([.][0-9]{3}){2,}(,[0-9]+)?|[0-9]{1,3}([.][0-9]{3})+,[0-9]+"
_COMMA_DECIMAL = "[0-9]+(['\u2019 ][0-9]{3})*,([0-9]{1,2}|[0-9]{4,})"
_ONE_GROUP = r"[1-9][0-9]{0,2}[.][0-9]{3}"
_MARKED = "[0-9]+([.,'\u2019 ][0-9]+)+"


def number_sql(kind: str, text: str, scale: Decimal, decimal: str | None = None, *, cells: bool = False) -> str:
    """SQL for the number in `text`, multiplied by `scale`; null if the text is no number.

    `kind`: money, number or integer. `decimal`: the decimal mark of the column; with it, thousands marks and a currency
    are read too, without it only plain digits. The unit of an amount replaces the scale. `cells`: the text comes from a
    workbook, whose numbers always have a decimal point and never three decimals (`written_number`).
    """
    wide = f"translate({text}, {literal(WIDE)}, {literal(NARROW)})"
    if decimal is not None:
        return _by_locale(kind, text, wide, scale, decimal, cells=cells)
    # Plain digits first: the other ways are slower.
    fast, slow = _plain(kind, text, scale), _plain(kind, wide, scale)
    if kind != "money":
        return f"coalesce({fast}, {slow})"
    return f"coalesce({fast}, {slow}, {_with_unit(wide)})"


def shows_decimal_comma(text: str) -> str:
    """SQL for whether the text is a number only with points between thousands, or only with a decimal comma."""
    return f"regexp_full_match({_bare(text)}, {literal(f'{_SIGN}?({_POINTS_GROUP}|{_COMMA_DECIMAL})')})"


def is_ambiguous(text: str) -> str:
    """SQL for whether the text could have a point between thousands or before decimals: 850.000."""
    return f"regexp_full_match({_bare(text)}, {literal(f'{_SIGN}?{_ONE_GROUP}')})"


def has_marks(text: str) -> str:
    """SQL for whether the text is a number that can be read once the mapping states `decimal`."""
    return f"regexp_full_match({_bare(text)}, {literal(f'{_SIGN}?{_MARKED}')})"


def unwritten_sql(text: str) -> str:
    """SQL that reverses `written_number`."""
    return rf"regexp_replace({text}, '^(-?[0-9]+[.][0-9]{{3}})0$', '\1')"


def _bare(text: str) -> str:
    """SQL for the text without currency and unit, and with plain spaces."""
    plain = f"translate({text}, {literal(WIDE + SPACES)}, {literal(NARROW + ' ' * len(SPACES))})"
    around = rf"^ *({_SIGN}?) *{CURRENCY}? *|(?: *(?:{UNIT}))? *{CURRENCY}? *$"
    return rf"regexp_replace({plain}, {literal(around)}, '\1', 'g')"


def _by_locale(kind: str, text: str, wide: str, scale: Decimal, decimal: str, *, cells: bool) -> str:
    thousands = DECIMAL_MARKS[decimal]
    plain = _plain(kind, text, scale)
    if decimal != ".":
        plain = f"CASE WHEN NOT contains({text}, '.') THEN {plain} END"
    groups = "|".join(
        f"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+" for mark in (f"[{thousands}]", "['\u2019]", f"[ {SPACES}]")
    )
    number = f"(?:[0-9]+|{groups})(?:[{decimal}][0-9]+)?"
    unit = f"(?: *({UNIT}))?" if kind == "money" else "()"
    pattern = rf"^ *(?:({_SIGN}?) *{CURRENCY}?|{CURRENCY} *({_SIGN})) *({number}){unit} *{CURRENCY}? *$"
    sign, after, body, size = (f"regexp_extract({wide}, {literal(pattern)}, {part})" for part in (1, 2, 3, 4))
    digits = f"replace(regexp_replace({body}, {literal(f'[^0-9{decimal}]')}, '', 'g'), {literal(decimal)}, '.')"
    signed = f"CASE WHEN {sign} || {after} IN ('-', '\u2212') THEN '-' ELSE '' END || {digits}"
    scaled = _plain(kind, f"({signed})", scale)
    if kind == "money":
        # The unit replaces the scale.
        scaled = f"CASE WHEN {size} <> '' THEN {_in_unit(f'({signed})', size)} ELSE {scaled} END"
    marked = f"CASE WHEN regexp_matches({wide}, {literal(pattern)}) THEN {scaled} END"
    if cells and decimal != ".":
        grouped = f"regexp_full_match({text}, '-?{_ONE_GROUP}')"
        marked = f"{marked}, CASE WHEN NOT {grouped} THEN {_plain(kind, text, scale)} END"
    return f"coalesce({plain}, {marked})"


def _plain(kind: str, text: str, scale: Decimal) -> str:
    if kind == "money" and scale == 1:
        return f"TRY_CAST({text} AS DECIMAL(18, 4))"
    if kind == "number":
        value = f"TRY_CAST({text} AS DOUBLE) * CAST({scale} AS DOUBLE)"
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    wide = _exact(kind, f"TRY_CAST({text} AS DECIMAL(38, 6)) * CAST({scale} AS DECIMAL(38, 6))")
    if scale != int(scale):
        return wide
    # DuckDB reads and divides decimals of 128 bits a hundred times slower than decimals of 64 bits. Only numbers that
    # overflow 64 bits are read again.
    whole = str(int(scale))
    short = _exact(kind, f"TRY_CAST({text} AS DECIMAL(18, 6)) * CAST({whole} AS DECIMAL({len(whole)}, 0))")
    return f"coalesce({short}, {wide})"


def _exact(kind: str, product: str) -> str:
    if kind == "money":
        return f"TRY(CAST({product} AS DECIMAL(18, 4)))"
    return f"TRY(CASE WHEN {product} % 1 = 0 THEN CAST({product} AS BIGINT) END)"


def _with_unit(text: str) -> str:
    digits = f"regexp_replace({text}, '[^0-9.-]', '', 'g')"
    return f"TRY(CASE WHEN regexp_full_match({text}, {literal(AMOUNT)}) THEN {_in_unit(digits, text)} END)"


def _in_unit(digits: str, unit: str) -> str:
    factor = " ".join(f"WHEN contains({unit}, '{name}') THEN {size}" for name, size in UNITS)
    amount = f"TRY_CAST({digits} AS DECIMAL(38, 6)) * CAST(CASE {factor} ELSE 1 END AS DECIMAL(38, 6))"
    return f"TRY(CAST({amount} AS DECIMAL(18, 4)))"
