"""The query that converts raw rows to contract rows: text, then types, then keys, hashes and broken rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import Entity, Field
from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping, Rule, SourceMapping
from pipelines.ingest.reading.columns import available, unmapped
from pipelines.ingest.reading.read import WHITE_SPACE
from pipelines.ingest.typing.contract_rules import (
    emptying_sql,
    failed_expression,
    faults_sql,
    rule_flag,
    source_text,
)
from pipelines.ingest.typing.emptied import BETWEEN_FAULTS, emptied_fault, extra_sql, original_cell
from pipelines.ingest.typing.numbers import unwritten_sql
from pipelines.ingest.typing.ranges import range_sql
from pipelines.ingest.typing.times import utc
from pipelines.ingest.typing.types import is_null_sql, typed_sql

SEPARATOR = "chr(31)"
ALWAYS_KNOWN = "TIMESTAMP '1970-01-01'"
"""known_at of rows of a history without a date of their own, such as agents: they were always known."""


@dataclass(frozen=True)
class FileContext:
    """Properties that all rows of one file share.

    `ingested_at` is UTC without offset. `cells`: the rows come from a workbook. `numbers`: columns of a Parquet file
    with a number type. `written`: columns whose numbers `written_number` wrote. `ambiguous`: number fields whose rows
    show more than one locale. `ignore`: which lines are no data. `rows`: the view of the raw rows. `joined`: its
    columns that look-ups added.
    """

    source: SourceMapping
    file: str
    file_id: int
    columns: tuple[str, ...]
    ingested_at: datetime
    cells: bool
    numbers: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    ambiguous: Collection[str] = ()
    ignore: Rule | None = None
    rows: str = "raw"
    joined: tuple[str, ...] = ()


def raw_hash(columns: Sequence[str], written: Collection[str] = ()) -> str:
    """SQL for the 128-bit hash of a raw row, independent of the mapping.

    Columns are hashed in the order of their names, so that a file keeps its keys when columns move. `written`: columns
    whose numbers `written_number` wrote.
    """
    texts = {name: identifier(name) for name in sorted(columns)}
    texts |= {name: unwritten_sql(text) for name, text in texts.items() if name in written}
    content = ", ".join(f"coalesce({text}, '')" for text in texts.values())
    return f"md5_number(concat_ws({SEPARATOR}, {content}))"


def is_data_sql(ignore: Rule | None) -> str:
    """SQL for whether a row of `raw` is data: `ignore` is false, null or cannot be evaluated on it."""
    return f"NOT coalesce(TRY(CAST((\n{ignore.sql}\n) AS BOOLEAN)), false)" if ignore else "true"


def fills_entity_sql(mapping: EntityMapping) -> str:
    """SQL for whether a row of `raw` fills the entity: it meets `where`, or `where` cannot be evaluated on it."""
    if mapping.where is None:
        return "true"
    sql = f"(\n{mapping.where.sql}\n)"
    return f"coalesce(TRY(CAST({sql} AS BOOLEAN)), TRY({sql} IS NULL) IS NULL)"


def row_query(context: FileContext, mapping: EntityMapping) -> str:
    """SELECT of the columns of `mapped_<entity>` from `raw`, and from `repeated` if content identifies the rows."""
    entity, source = mapping.entity, context.source
    mapping = available(mapping, (*context.columns, *context.joined))
    fields = "".join(f", {identifier(field.name)}" for field in source.stored_fields(entity))
    emptying = emptying_sql(mapping, context.ambiguous)
    return f"""
        WITH texts AS (
            SELECT __line, __span, {", ".join(_texts(context, mapping))} FROM {context.rows}
            WHERE {is_data_sql(context.ignore)} AND {fills_entity_sql(mapping)}
        ), typed AS (
            SELECT *, {", ".join(_typed(mapping, context))} FROM texts
        ), judged AS (
            SELECT *{"".join(f", {sql} AS {emptied_fault(name)}" for name, sql in emptying.items())} FROM typed
        ), emptied AS (
            SELECT * {_replaced(mapping, emptying)} FROM judged
        )
        SELECT
            {context.file_id}, __line, __span,
            {_key(mapping)},
            {_known_at(entity, context)},
            md5_number({content_sql(mapping)}),
            {faults_sql(mapping, source.known_at, context.ambiguous)},
            {_emptied(emptying)},
            {mapping.implied},
            extra{fields}
        FROM emptied {"LEFT JOIN repeated USING (__line)" if mapping.keyed_by_content else ""}
    """


def _replaced(mapping: EntityMapping, emptying: Mapping[str, str]) -> str:
    """SQL that makes the emptied fields of a row null, and keeps their texts in `extra`."""
    if not emptying:
        return ""
    nulls = [
        f"CASE WHEN {emptied_fault(name)} IS NULL THEN {identifier(name)} END AS {identifier(name)}"
        for name in emptying
    ]
    reads = {field.name: field.reads for field in mapping.fields if field.name in emptying}
    return f"REPLACE ({', '.join(nulls)}, {extra_sql(reads)} AS extra)"


def _emptied(emptying: Mapping[str, str]) -> str:
    faults = ", ".join(map(emptied_fault, emptying))
    return f"nullif(concat_ws({literal(BETWEEN_FAULTS)}, {faults}), '')" if emptying else "NULL"


def _key(mapping: EntityMapping) -> str:
    """SQL for the key of a row within its entity: the mapped id, `=` and a natural key, or `#` and a hash."""
    entity = mapping.entity
    if mapping.keyed and entity.key:
        return identifier(entity.key)
    if entity.natural_key:
        mapped = (identifier(name) if mapping.field(name) else "NULL" for name in entity.natural_key)
        parts = ", ".join(f"coalesce(lower(CAST({field} AS VARCHAR)), '')" for field in mapped)
        return f"'=' || lower(to_hex(md5_number(concat_ws({SEPARATOR}, {parts}))))"
    part = f" || '/{mapping.part}'" if mapping.part else ""
    return f"'#' || lower(to_hex(__hash)) || '-' || coalesce(number, 1){part}"


def content_sql(mapping: EntityMapping) -> str:
    """SQL for `name=value` of all fields with a value, separated by SEPARATOR. Valid for good rows only.

    In a good row the first required field has a value. Fields before it write the separator after them, fields after it
    write the separator before them. So one concatenation is enough, at three quarters of the cost of `concat_ws`.
    """
    names = [*(field.name for field in mapping.fields), "extra"]
    anchor = next(at for at, name in enumerate(names) if mapping.entity.field(name).required)
    parts = []
    for at, name in enumerate(names):
        filled = f"CASE WHEN {identifier(name)} IS NOT NULL THEN"
        before = f"{filled} {SEPARATOR} || '{name}=' END" if at > anchor else f"{filled} '{name}=' END"
        parts += [before, f"CAST({identifier(name)} AS VARCHAR)"]
        parts += [f"{filled} {SEPARATOR} END"] if at < anchor else []
    return f"concat({', '.join(parts)})"


def _texts(context: FileContext, mapping: EntityMapping) -> Iterable[str]:
    """Columns read from the raw row: a text per field, flags of expressions and rules, the unmapped columns."""
    known_at = context.source.known_at
    for field in [*mapping.fields, *([known_at] if known_at else [])]:
        yield f"{field_text(field)} AS {source_text(field.name)}"
        if field.expr is not None:
            # `x IS NULL` is never null itself, so a null from TRY means that the evaluation of x failed.
            yield f"TRY(({field.sql}) IS NULL) IS NULL AS {failed_expression(field.name)}"
    empties = [field for field in mapping.fields if mapping.entity.empties(mapping.entity.field(field.name))]
    for column in sorted({name for field in empties for name in field.reads}):
        yield f"{identifier(column)} AS {original_cell(column)}"
    for position, rule in enumerate(mapping.rules):
        yield f"TRY(CAST((\n{rule.sql}\n) AS BOOLEAN)) IS TRUE AS {rule_flag(position)}"
    if mapping.keyed_by_content:
        yield f"{raw_hash(context.columns, context.written)} AS __hash"
    rest = unmapped(mapping, context.source, context.columns)
    if rest:
        pairs = ", ".join(f"{literal(name)}: {identifier(name)}" for name in rest)
        filled = ", ".join(map(identifier, rest))
        yield f"CASE WHEN coalesce({filled}) IS NOT NULL THEN CAST(to_json({{{pairs}}}) AS VARCHAR) END AS extra"
    else:
        yield "CAST(NULL AS VARCHAR) AS extra"


def field_text(field: FieldMapping) -> str:
    """SQL for the text of a field in a raw row, before translation and typing."""
    sql = field.sql
    if field.expr is not None:
        sql = f"TRY(CAST({sql} AS VARCHAR))"
    if field.column is None:
        sql = f"nullif(trim({sql}, {literal(WHITE_SPACE)}), '')"
    if field.null_values:
        null_values = ", ".join(map(literal, field.null_values))
        sql = f"CASE WHEN {sql} NOT IN ({null_values}) THEN {sql} END"
    return range_sql(sql, field.end, field.decimal) if field.end else sql


def _typed(mapping: EntityMapping, context: FileContext) -> Iterable[str]:
    entity, source = mapping.entity, context.source

    def typed(field: Field, mapped: FieldMapping) -> str:
        if mapped.column in context.numbers:
            mapped = replace(mapped, decimal=None)
        return typed_sql(field, mapped, source_text(field.name), source.timezone, cells=context.cells)

    for field in (*source.stored_fields(entity), *([entity.field(entity.key)] if mapping.keyed and entity.key else [])):
        mapped = mapping.field(field.name)
        sql = typed(field, mapped) if mapped else "NULL"
        if field.name == "currency" and source.currency:
            is_null = is_null_sql(mapped, source_text(field.name)) if mapped else "true"
            sql = f"CASE WHEN {is_null} THEN {literal(source.currency)} ELSE {sql} END"
        yield f"CAST({sql} AS {field.sql_type}) AS {identifier(field.name)}"
    if source.known_at is not None:
        yield f"{typed(Field('known_at', 'timestamp'), source.known_at)} AS known_at"


def _known_at(entity: Entity, context: FileContext) -> str:
    source = context.source
    if source.known_at is not None:
        return "known_at"
    if not source.history:
        return f"TIMESTAMP {literal(str(context.ingested_at))}"
    if entity.happened is None or entity.happened not in {field.name for field in source.stored_fields(entity)}:
        return ALWAYS_KNOWN
    happened = identifier(entity.happened)
    if entity.field(entity.happened).type == "date":
        happened = utc(f"CAST({happened} AS TIMESTAMP)", source.timezone)
    return f"coalesce({happened}, {ALWAYS_KNOWN})"
