"""A mapping against the columns that a file really has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import replace

import duckdb

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.expressions import SQL_WORDS, ExpressionError, bind, columns_of
from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping, SourceMapping
from pipelines.ingest.reading.header import shown_name


def available(mapping: EntityMapping, columns: Sequence[str]) -> EntityMapping:
    """The mapping without the optional fields whose columns the file does not have."""
    return replace(mapping, fields=tuple(field for field in mapping.fields if not _missing(field, columns)))


def unmapped(mapping: EntityMapping, source: SourceMapping, columns: Sequence[str]) -> list[str]:
    """Columns that no field of the entity reads. SQL does not tell upper from lower case, so neither does this."""
    fields = [*mapping.fields, *([source.known_at] if source.known_at else [])]
    read = {name.casefold() for field in fields for name in field.reads}
    return [name for name in columns if name.casefold() not in read]


def check_columns(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    source: SourceMapping,
    mapping: EntityMapping,
    columns: Sequence[str],
    line: int = 1,
) -> None:
    """Raise FileRefused where a required field has no column, or an expression does not fit the columns of `raw`."""
    entity = mapping.entity
    fields = [(f"{mapping.name}.{field.name}", field) for field in mapping.fields]
    fields += [("history.known_at", source.known_at)] if source.known_at else []
    for place, field in fields:
        missing = _missing(field, columns)
        known = place == "history.known_at"
        if missing and (known or entity.field(field.name).required or field.name == entity.key):
            wanted = {name for _, other in fields for name in other.reads}
            raise FileRefused(file, _absent(missing[0], columns, wanted), line=line, field=place)
    expressions = [(place, field.sql) for place, field in fields if field.expr is not None]
    expressions += [(f"{mapping.name}.rules.{rule.name}", rule.sql) for rule in mapping.rules]
    expressions += [(f"{mapping.name}.where", mapping.where.sql)] if mapping.where else []
    known_names = {name.casefold() for name in columns}
    for place, sql in expressions:
        if words := {name.casefold() for name in columns_of(connection, sql)} & SQL_WORDS - known_names:
            told = f"expected a column {', '.join(sorted(words))}: the words of SQL are none of a row's values"
            raise FileRefused(file, told, line=line, field=place)
        try:
            bind(connection, "raw", sql)
        except ExpressionError as error:
            raise FileRefused(file, str(error), line=line, field=place) from error


def _missing(field: FieldMapping, columns: Sequence[str]) -> list[str]:
    """Columns that a column or a template names and the file lacks; expressions are bound by the engine instead."""
    return sorted(field.reads - set(columns)) if field.expr is None else []


def _absent(name: str, columns: Sequence[str], wanted: Collection[str]) -> str:
    """Names the nearest columns. In a file without a header they are cells of its first row: `shown_name`."""
    near = difflib.get_close_matches(name, columns, n=2, cutoff=0.5)
    told = ", the nearest " + " and ".join(_shown(one, name, columns, wanted) for one in near) if near else ""
    return f"expected a column {name!r}, found {len(columns)} columns{told}"


def _shown(near: str, name: str, columns: Sequence[str], wanted: Collection[str]) -> str:
    alike = _letters(near) == _letters(name)
    return repr(near) if alike else f"column {columns.index(near) + 1} {shown_name(near, columns, wanted)}"


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
