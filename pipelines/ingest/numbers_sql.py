"""SQL that reads numbers and amounts as people write them: full-width digits, and 万, 亿 and 元 behind an amount."""

from __future__ import annotations

from decimal import Decimal

from pipelines.ingest.expressions import literal

WIDE, NARROW = "０１２３４５６７８９．，－＋　", "0123456789.,-+ "
UNITS = (("亿", 100_000_000), ("万", 10_000))
AMOUNT = r"[¥￥]? *-?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]+)? *(亿元?|万元?|元|圆)"


def number_sql(kind: str, text: str, scale: Decimal) -> str:
    """SQL for the typed number of `text`, multiplied by `scale`; null for what is none.

    Plain digits are tried first: all else costs time. An amount with its unit is in that unit, whatever the scale, and
    may have thousands separators, which without a unit could be decimal commas.
    """
    wide = f"translate({text}, {literal(WIDE)}, {literal(NARROW)})"
    fast, slow = _plain(kind, text, scale), _plain(kind, wide, scale)
    if kind != "money":
        return f"coalesce({fast}, {slow})"
    return f"coalesce({fast}, {slow}, {_with_unit(wide)})"


def _plain(kind: str, text: str, scale: Decimal) -> str:
    if kind == "money" and scale == 1:
        return f"TRY_CAST({text} AS DECIMAL(18, 4))"
    if kind == "number":
        value = f"TRY_CAST({text} AS DOUBLE) * CAST({scale} AS DOUBLE)"
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    wide = _exact(kind, f"TRY_CAST({text} AS DECIMAL(38, 6)) * CAST({scale} AS DECIMAL(38, 6))")
    if scale != int(scale):
        return wide
    # DuckDB reads and divides decimals of 128 bits a hundred times slower than those of 64; what overflows these is
    # read again.
    whole = str(int(scale))
    short = _exact(kind, f"TRY_CAST({text} AS DECIMAL(18, 6)) * CAST({whole} AS DECIMAL({len(whole)}, 0))")
    return f"coalesce({short}, {wide})"


def _exact(kind: str, product: str) -> str:
    if kind == "money":
        return f"TRY(CAST({product} AS DECIMAL(18, 4)))"
    return f"TRY(CASE WHEN {product} % 1 = 0 THEN CAST({product} AS BIGINT) END)"


def _with_unit(text: str) -> str:
    digits = f"regexp_replace({text}, '[^0-9.-]', '', 'g')"
    factor = " ".join(f"WHEN contains({text}, '{unit}') THEN {size}" for unit, size in UNITS)
    amount = f"TRY_CAST({digits} AS DECIMAL(38, 6)) * CAST(CASE {factor} ELSE 1 END AS DECIMAL(38, 6))"
    return f"TRY(CASE WHEN regexp_full_match({text}, {literal(AMOUNT)}) THEN CAST({amount} AS DECIMAL(18, 4)) END)"
