"""SQL that converts mapped text to the types of the contract. Text that does not fit becomes null and breaks a rule."""

from __future__ import annotations

from decimal import Decimal

from pipelines.home.sql import literal
from pipelines.ingest.contract import Field
from pipelines.ingest.mapping.source_mapping import FieldMapping
from pipelines.ingest.typing.numbers import number_sql
from pipelines.ingest.typing.times import date_sql, timestamp_sql
from pipelines.rules.currencies import currency_sql


def typed_sql(field: Field, mapping: FieldMapping, text: str, timezone: str, *, cells: bool = False) -> str:
    """SQL for the typed value of `text`, the SQL name of a column with trimmed text or null.

    `timezone`: zone of times without an offset; the result is UTC without offset. `cells`: the text comes from a
    workbook, whose dates are ISO beside any pattern and whose numbers have a decimal point.
    """
    text = _translated(mapping, text)
    if field.type == "timestamp":
        return timestamp_sql(text, mapping.formats, timezone, cells=cells)
    if field.type == "date":
        return date_sql(text, mapping.formats, timezone, cells=cells)
    if field.type in ("money", "number", "integer"):
        return number_sql(field.type, text, mapping.scale or Decimal(1), mapping.decimal, cells=cells)
    if field.type == "currency":
        return currency_sql(text)
    return f"TRY_CAST({text} AS BOOLEAN)" if field.type == "boolean" else text


def is_null_sql(mapping: FieldMapping, text: str) -> str:
    """SQL for whether the text is null, or is translated to null."""
    to_null = ", ".join(literal(source) for source, target in mapping.values or () if target is None)
    return f"({text} IS NULL OR {text} IN ({to_null}))" if to_null else f"({text} IS NULL)"


def _translated(mapping: FieldMapping, text: str) -> str:
    if mapping.values is None:
        return text
    cases = " ".join(
        f"WHEN {literal(source)} THEN {'NULL' if target is None else literal(target)}"
        for source, target in mapping.values
    )
    other = f" ELSE CASE WHEN {text} IS NOT NULL THEN {literal(mapping.default)} END" if mapping.default else ""
    return f"(CASE {text} {cases}{other} END)"
