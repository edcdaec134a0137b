"""SQL that turns mapped text into the contract's types. What does not fit becomes null, which the rules then find."""

from __future__ import annotations

from decimal import Decimal

from pipelines.home.sql import literal
from pipelines.ingest.contract import Field
from pipelines.ingest.mapping.source_mapping import FieldMapping
from pipelines.ingest.typing.numbers import number_sql
from pipelines.ingest.typing.times import date_sql, timestamp_sql
from pipelines.rules.currencies import currency_sql


def typed_sql(field: Field, mapping: FieldMapping, text: str, timezone: str, *, cells: bool = False) -> str:
    """SQL for the typed value of `text`, a SQL name that holds trimmed text or null.

    Times without offset are in `timezone`; the result is UTC without offset. Numbers are multiplied by `scale`.
    `cells`: the text is of a workbook, whose dates are ISO beside any pattern and whose numbers have a decimal point.
    """
    text = _translated(mapping, text)
    if field.type == "timestamp":
        return timestamp_sql(text, mapping.format, timezone, cells=cells)
    if field.type == "date":
        return date_sql(text, mapping.format, timezone, cells=cells)
    if field.type in ("money", "number", "integer"):
        return number_sql(field.type, text, mapping.scale or Decimal(1), mapping.decimal, cells=cells)
    if field.type == "currency":
        return currency_sql(text)
    return f"TRY_CAST({text} AS BOOLEAN)" if field.type == "boolean" else text


def is_nothing(mapping: FieldMapping, text: str) -> str:
    """SQL for whether the text is missing, or means nothing by a translation."""
    nothing = ", ".join(literal(source) for source, target in mapping.values or () if target is None)
    return f"({text} IS NULL OR {text} IN ({nothing}))" if nothing else f"({text} IS NULL)"


def _translated(mapping: FieldMapping, text: str) -> str:
    if mapping.values is None:
        return text
    cases = " ".join(
        f"WHEN {literal(source)} THEN {'NULL' if target is None else literal(target)}"
        for source, target in mapping.values
    )
    return f"(CASE {text} {cases} END)"
