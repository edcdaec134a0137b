"""SQL that reads numbers as people write them: marks of a locale, digits of other scripts, units and currencies.

To read another unit of amounts, add it to `UNITS`; another currency beside an amount, to `CURRENCY`. The names that
the column `currency` may have are in `pipelines/rules/currencies.py`.
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.home.sql import literal
from pipelines.ingest.mapping.written_numbers import DECIMAL_MARKS
from pipelines.rules.currencies import ISO_CURRENCIES

WIDE = "０１２３４５６７８９．，－＋\u3000＄" + "٠١٢٣٤٥٦٧٨٩" + "۰۱۲۳۴۵۶۷۸۹" + "٬٫"
NARROW = "0123456789.,-+ $" + 2 * "0123456789" + ",."
"""Full-width, Arabic-Indic and Persian digits and marks, and what they become."""

_YUAN = "(?:元|圆|圓)"
_CHINESE = (
    ("亿|億", 100_000_000),
    ("千[万萬]", 10_000_000),
    ("百[万萬]", 1_000_000),
    ("[万萬]", 10_000),
    ("千", 1_000),
)
UNITS = (
    *_CHINESE,
    ("(?i:crores?|crs?[.]?)", 10_000_000),
    ("(?i:lakhs?|lacs?)|L", 100_000),
    ("(?i:billion|bn)|B", 1_000_000_000),
    ("(?i:millions?|mio[.]?|mln|mn|mm?)", 1_000_000),
    ("(?i:thousand|k)", 1_000),
)
"""Units of amounts as regular expressions, with their factors."""

_CHINESE_UNIT = rf"(?:{'|'.join(name for name, _ in _CHINESE)}){_YUAN}?|{_YUAN}"
UNIT = rf"(?:{'|'.join(name for name, _ in UNITS)}){_YUAN}?|{_YUAN}"
AMOUNT = rf"[¥￥]? *-?([0-9]+|[0-9]{{1,3}}(,[0-9]{{3}})+)([.][0-9]+)? *({_CHINESE_UNIT})"

SPACES = "\u00a0\u202f\u2007\u2009"
CURRENCY = rf"(?:[A-Z]{{0,3}}\p{{Sc}}|RMB|Rs[.]?|Dhs?[.]?|{'|'.join(sorted(ISO_CURRENCIES))})"

_SIGN = "[-\u2212+]"
_POINTS_GROUP = r"[0-9]{1,3}([.][0-9]{3}){2,}(,[0-9]+)?|[0-9]{1,3}([.][0-9]{3})+,[0-9]+"
_COMMA_DECIMAL = "[0-9]+(['\u2019 ][0-9]{3})*,([0-9]{1,2}|[0-9]{4,})"
_ONE_GROUP = r"[1-9][0-9]{0,2}[.][0-9]{3}"
_MARKED = "[0-9]+([.,'\u2019 ][0-9]+)+"
_SCIENTIFIC = "[-+]?[0-9](?:[.]([0-9]{1,5}))?E[+]([0-9]{2})"
"""A number as a spreadsheet shows it in a narrow column, with at most five of its decimals."""


def narrow_sql(text: str, more: str = "", becomes: str = "") -> str:
    """SQL for the text with ASCII in place of WIDE. `more`: further characters, and what they become."""
    # A text with as many bytes as characters is ASCII. `translate` is slow.
    narrow = f"translate({text}, {literal(WIDE + more)}, {literal(NARROW + becomes)})"
    return f"(CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {narrow} END)"


def number_sql(kind: str, text: str, scale: Decimal, decimal: str | None = None, *, cells: bool = False) -> str:
    """SQL for the number in `text`, multiplied by `scale`; null if the text is no number.

    `kind`: money, number or integer. `decimal`: the decimal mark of the column; with it, thousands marks and a currency
    are read too, without it only plain digits. The unit of an amount replaces the scale. `cells`: the text comes from a
    workbook, whose numbers always have a decimal point and never three decimals (`written_number`).
    """
    wide = narrow_sql(text)
    if decimal is not None:
        read = _by_locale(kind, text, wide, scale, decimal, cells=cells)
    else:
        # Plain digits first: the other ways are slower.
        read = f"{_plain(kind, text, scale)}, {_plain(kind, wide, scale)}"
        if kind == "money":
            read += f", {_with_unit(wide)}, {_written(kind, wide, scale, '.', '[0-9]+')}"
        read = f"coalesce({read})"
    return f"CASE WHEN NOT contains({text}, 'E+') OR NOT {digits_lost(text)} THEN {read} END"


def digits_lost(text: str) -> str:
    """SQL for whether the text is in scientific notation that shows fewer digits than the number has: 8.61E+12."""
    decimals, zeros = (f"regexp_extract({text}, {literal(_SCIENTIFIC)}, {part})" for part in (1, 2))
    return (
        f"CASE WHEN regexp_full_match({text}, {literal(_SCIENTIFIC)}) "
        f"THEN length({decimals}) < CAST({zeros} AS INTEGER) ELSE false END"
    )


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
    plain = narrow_sql(text, SPACES, " " * len(SPACES))
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
    # In India groups have two digits above a thousand: 12,50,000.
    indian = f"[1-9][0-9]?(?:[{thousands}][0-9]{{2}})+[{thousands}][0-9]{{3}}"
    marked = _written(kind, wide, scale, decimal, f"[0-9]+|{groups}|{indian}")
    if cells and decimal != ".":
        grouped = f"regexp_full_match({text}, '-?{_ONE_GROUP}')"
        marked = f"{marked}, CASE WHEN NOT {grouped} THEN {_plain(kind, text, scale)} END"
    return f"coalesce({plain}, {marked})"


def _written(kind: str, wide: str, scale: Decimal, decimal: str, whole: str) -> str:
    """SQL for a number with a currency and a unit. `whole`: regular expression of the digits before the decimals."""
    number = f"(?:{whole})(?:[{decimal}][0-9]+)?"
    unit = f"(?: *({UNIT}))?" if kind == "money" else "()"
    pattern = rf"^ *(?:({_SIGN}?) *{CURRENCY}?|{CURRENCY} *({_SIGN})) *({number}){unit} *{CURRENCY}? *$"
    parts = f"regexp_extract({wide}, {literal(pattern)}, ['before', 'after', 'digits', 'unit'])"
    digits = f"replace(regexp_replace(one.digits, {literal(f'[^0-9{decimal}]')}, '', 'g'), {literal(decimal)}, '.')"
    signed = f"(CASE WHEN one.before || one.after IN ('-', '\u2212') THEN '-' ELSE '' END || {digits})"
    value = _plain(kind, signed, scale)
    if kind == "money":
        # The unit replaces the scale.
        value = f"CASE WHEN one.unit <> '' THEN {_in_unit(signed, 'one.unit')} ELSE {value} END"
    # The lambda names the parts, which the expression reads several times. Without a match all parts are empty.
    return f"list_transform([{parts}], lambda one: CASE WHEN one.digits <> '' THEN {value} END)[1]"


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
    factor = " ".join(
        f"WHEN regexp_matches({unit}, {literal(f'(?:{name}){_YUAN}?$')}) THEN {size}" for name, size in UNITS
    )
    amount = f"TRY_CAST({digits} AS DECIMAL(38, 6)) * CAST(CASE {factor} ELSE 1 END AS DECIMAL(38, 6))"
    return f"TRY(CAST({amount} AS DECIMAL(18, 4)))"
