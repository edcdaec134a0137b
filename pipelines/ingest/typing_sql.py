"""SQL that turns mapped text into the contract's types. What does not fit becomes null, which the rules then find."""

from __future__ import annotations

from decimal import Decimal

from pipelines.ingest.contract import Field
from pipelines.ingest.expressions import literal
from pipelines.ingest.mapping import FieldMapping


def typed_sql(field: Field, mapping: FieldMapping, text: str, timezone: str) -> str:
    """SQL for the typed value of `text`, a SQL name that holds trimmed text or null.

    Times without offset are in `timezone`; the result is UTC without offset. Numbers are multiplied by `scale`.
    """
    text = _translated(mapping, text)
    if field.type == "timestamp":
        return _timestamp(text, mapping.format, timezone)
    if field.type == "date":
        return _date(text, mapping.format)
    if field.type in ("money", "number", "integer"):
        return _number(field.type, text, mapping.scale or Decimal(1))
    return f"TRY_CAST({text} AS BOOLEAN)" if field.type == "boolean" else text


def utc(local: str, timezone: str) -> str:
    """SQL for a local timestamp as UTC without offset."""
    return f"({local}) AT TIME ZONE {literal(timezone)} AT TIME ZONE 'UTC'"


def _translated(mapping: FieldMapping, text: str) -> str:
    if mapping.values is None:
        return text
    cases = " ".join(
        f"WHEN {literal(source)} THEN {literal(target) if target else 'NULL'}" for source, target in mapping.values
    )
    return f"(CASE {text} {cases} END)"


def _timestamp(text: str, pattern: str | None, timezone: str) -> str:
    if pattern:
        parsed = f"try_strptime({text}, {literal(pattern)})"
        with_offset = "%z" in pattern or "%Z" in pattern
        return f"TRY({parsed} AT TIME ZONE 'UTC')" if with_offset else f"TRY({utc(parsed, timezone)})"
    # An offset can only stand after the ten characters of the date; 'infinity' and 'epoch' are no dates of a business.
    tail = f"substr({text}, 11)"
    return (
        f"TRY(CASE WHEN ascii({text}) NOT BETWEEN 48 AND 57 THEN NULL "
        f"WHEN contains({tail}, '+') OR contains({tail}, '-') OR contains({tail}, 'Z') "
        f"THEN TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' "
        f"ELSE {utc(f'TRY_CAST({text} AS TIMESTAMP)', timezone)} END)"
    )


def _date(text: str, pattern: str | None) -> str:
    if pattern:
        return f"CAST(try_strptime({text}, {literal(pattern)}) AS DATE)"
    return f"CASE WHEN ascii({text}) BETWEEN 48 AND 57 THEN TRY_CAST({text} AS DATE) END"


def _number(kind: str, text: str, scale: Decimal) -> str:
    if kind == "money" and scale == 1:
        return f"TRY_CAST({text} AS DECIMAL(18, 4))"
    if kind == "number":
        value = f"TRY_CAST({text} AS DOUBLE) * CAST({scale} AS DOUBLE)"
        return f"CASE WHEN isfinite({value}) THEN {value} END"
    # The product keeps the wider of the two widths: 18 digits would overflow at 100 万.
    scaled = f"TRY_CAST({text} AS DECIMAL(38, 6)) * CAST({scale} AS DECIMAL(38, 6))"
    if kind == "money":
        return f"TRY(CAST({scaled} AS DECIMAL(18, 4)))"
    return f"TRY(CASE WHEN {scaled} % 1 = 0 THEN CAST({scaled} AS BIGINT) END)"
