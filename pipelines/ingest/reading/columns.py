"""Checks a mapping against the columns that a file has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import replace

import duckdb

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.expressions import SQL_WORDS, ExpressionError, bind, columns_of
from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping, FileMapping, SourceMapping
from pipelines.ingest.reading.header import shown_name


def available(mapping: EntityMapping, columns: Sequence[str]) -> EntityMapping:
    """Return the mapping without the optional fields whose columns are missing in the file."""
    return replace(mapping, fields=tuple(field for field in mapping.fields if not _missing(field, columns)))


def unmapped(mapping: EntityMapping, source: SourceMapping, columns: Sequence[str]) -> list[str]:
    """Return the columns that no field of the entity reads. Upper and lower case are equal, as in SQL."""
    fields = [*mapping.fields, *([source.known_at] if source.known_at else [])]
    read = {name.casefold() for field in fields for name in field.reads}
    return [name for name in columns if name.casefold() not in read]


def absent_fields(mapping: EntityMapping, columns: Sequence[str]) -> dict[str, str]:
    """Return the optional fields whose column is missing in the file, each with what was expected."""
    wanted = {name for field in mapping.fields for name in field.reads}
    return {
        f"{mapping.name}.{field.name}": _missing_column(missing[0], columns, wanted)
        for field in mapping.fields
        if (missing := _missing(field, columns))
    }


def check_columns(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    source: SourceMapping,
    mapping: EntityMapping,
    columns: Sequence[str],
    rows: str = "raw",
    line: int = 1,
) -> None:
    """Raise FileRefused if a required field has no column, or if an expression does not fit the columns.

    `rows`: the view of the raw rows.
    """
    entity = mapping.entity
    fields = [(f"{mapping.name}.{field.name}", field) for field in mapping.fields]
    fields += [("history.known_at", source.known_at)] if source.known_at else []
    for place, field in fields:
        missing = _missing(field, columns)
        is_known_at = place == "history.known_at"
        if missing and (is_known_at or entity.field(field.name).required or field.name == entity.key):
            wanted = {name for _, other in fields for name in other.reads}
            raise FileRefused(file, _missing_column(missing[0], columns, wanted), line=line, field=place)
    expressions = [(place, field.sql) for place, field in fields if field.expr is not None]
    expressions += [(f"{mapping.name}.rules.{rule.name}", rule.sql) for rule in mapping.rules]
    expressions += [(f"{mapping.name}.where", mapping.where.sql)] if mapping.where else []
    _check_expressions(connection, file, expressions, columns, rows, line)


def check_ignore(
    connection: duckdb.DuckDBPyConnection, file: str, mapping: FileMapping, columns: Sequence[str], rows: str = "raw"
) -> None:
    """Raise FileRefused if the condition `ignore` does not fit the columns."""
    if mapping.ignore:
        _check_expressions(connection, file, [("ignore", mapping.ignore.sql)], columns, rows)


def _check_expressions(
    connection: duckdb.DuckDBPyConnection,
    file: str,
    expressions: Sequence[tuple[str, str]],
    columns: Sequence[str],
    rows: str,
    line: int = 1,
) -> None:
    column_names = {name.casefold() for name in columns}
    for place, sql in expressions:
        if words := {name.casefold() for name in columns_of(connection, sql)} & SQL_WORDS - column_names:
            message = f"expected a column {', '.join(sorted(words))}, found a function of SQL that reads no column"
            raise FileRefused(file, message, line=line, field=place)
        try:
            bind(connection, rows, sql)
        except ExpressionError as error:
            raise FileRefused(file, str(error), line=line, field=place) from error


def _missing(field: FieldMapping, columns: Sequence[str]) -> list[str]:
    """Columns of `column` or `template` that are missing in the file. The engine checks expressions instead."""
    return sorted(field.reads - set(columns)) if field.expr is None else []


def _missing_column(name: str, columns: Sequence[str], wanted: Collection[str]) -> str:
    """Message that names the nearest columns. In a file without a header they may be values: see `shown_name`."""
    matches = difflib.get_close_matches(name, columns, n=2, cutoff=0.5)
    nearest = " and ".join(_shown(match, name, columns, wanted) for match in matches)
    return f"expected a column {name!r}, found {len(columns)} columns{nearest and f', the nearest {nearest}'}"


def _shown(near: str, name: str, columns: Sequence[str], wanted: Collection[str]) -> str:
    alike = _letters(near) == _letters(name)
    return repr(near) if alike else f"column {columns.index(near) + 1} {shown_name(near, columns, wanted)}"


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
