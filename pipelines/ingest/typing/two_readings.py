"""Finds columns that a mapping reads in one way although all values fit another way: 01/02/2025, 850.000."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

import duckdb

from pipelines.home.sql import first_row
from pipelines.ingest.contract import NUMBER_TYPES, Field
from pipelines.ingest.mapping.source_mapping import EntityMapping, FieldMapping
from pipelines.ingest.reading.columns import available
from pipelines.ingest.typing.row_query import FileContext, field_text, fills_entity_sql, is_data_sql
from pipelines.ingest.typing.types import typed_sql

DAYS = ("timestamp", "date")
SWAPS = (("%d", "%m"), ("%y", "%d"))
"""Parts of a date that can be taken for each other."""

_USUAL = re.compile(r"%d.?%m|%m.?%d.?%[yY]|%[yY].?%m.?%d")
"""People write the day, the month or the year first, and never the day before the month after a year."""

MARKS = {".": ",", ",": "."}
_STAND_IN = "\x00"


@dataclass
class _Column:
    """A field and another way to read it. `certain`, `both`: rows that only the mapping reads, or both ways, apart.

    `example`: text, value of the mapping, other value.
    """

    certain: int = 0
    both: int = 0
    example: tuple[str, str, str] | None = None


class TwoReadings:
    """Counts, while files are mapped, the values that can be read in a way that the mapping does not state."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str, str, str, str], _Column] = {}

    def begin(self, file: str) -> None:
        """Forget what was counted of a file, which is read from its start."""
        self._columns = {place: column for place, column in self._columns.items() if place[0] != file}

    def count(self, connection: duckdb.DuckDBPyConnection, context: FileContext, mapping: EntityMapping) -> None:
        """Count the values of a portion of a file, which the view `context.rows` shows."""
        for field in available(mapping, (*context.columns, *context.joined)).fields:
            if field.value is not None or field.reads & context.numbers:
                continue
            for stated, other, mapped, swapped in _ways(mapping.entity.field(field.name), field):
                column = self._columns.setdefault((context.file, mapping.name, field.name, stated, other), _Column())
                _count(connection, context, mapping, column, (mapped, swapped))

    def notes(self) -> list[str]:
        """A sentence for each field whose values all fit another way. Dates of the same file settle the order."""
        certain = {
            (file, _order(stated, other))
            for (file, _, _, stated, other), column in self._columns.items()
            if column.certain
        }
        return [
            f"{file}, {entity}.{field}: {text!r} is read as {value} ({stated}); with {other} it would be "
            f"{otherwise}. No value of the column shows which is right"
            for (file, entity, field, stated, other), column in self._columns.items()
            if column.example and not column.certain and (file, _order(stated, other)) not in certain
            for text, value, otherwise in [column.example]
        ]


def _ways(field: Field, mapping: FieldMapping) -> Iterator[tuple[str, str, FieldMapping, FieldMapping]]:
    """Yield what the mapping states, what else could be stated, and the field in both ways."""
    if field.type in NUMBER_TYPES:
        mark = mapping.decimal or "."
        stated = f"decimal: {mark!r}" if mapping.decimal else "no `decimal`"
        yield stated, f"decimal: {MARKS[mark]!r}", mapping, replace(mapping, decimal=MARKS[mark])
    if field.type in DAYS:
        for at, (first, second) in product(range(len(mapping.formats)), SWAPS):
            stated = mapping.formats[at]
            other = stated.replace(first, _STAND_IN).replace(second, first).replace(_STAND_IN, second)
            if other != stated and all(map(_USUAL.match, (stated, other))):
                others = (*mapping.formats[:at], other, *mapping.formats[at + 1 :])
                yield f"format: {stated}", f"format: {other}", mapping, replace(mapping, format=others)


def _count(
    connection: duckdb.DuckDBPyConnection,
    context: FileContext,
    mapping: EntityMapping,
    column: _Column,
    ways: tuple[FieldMapping, FieldMapping],
) -> None:
    field = mapping.entity.field(ways[0].name)
    # Days are compared, so that the example shows no time of another zone.
    compared = Field(field.name, "date" if field.type in DAYS else field.type)
    values = ", ".join(
        f"{typed_sql(compared, way, 'text', context.source.timezone, cells=context.cells)} AS {name}"
        for way, name in zip(ways, ("stated", "other"), strict=True)
    )
    # Years are few. A reading with more years than the other one takes days for years.
    years = "count(DISTINCT year(other)) > count(DISTINCT year(stated))" if field.type in DAYS else "false"
    certain, more_years, both, *example = first_row(
        connection.execute(
            f"""
            WITH texts AS (
                SELECT __line, {field_text(ways[0])} AS text FROM {context.rows}
                WHERE {is_data_sql(context.ignore)} AND {fills_entity_sql(mapping)}
            ), typed AS (
                SELECT __line, text, {values} FROM texts WHERE text IS NOT NULL
            )
            SELECT
                count(*) FILTER (other IS NULL), {years}, count(*) FILTER (stated <> other),
                arg_min(text, __line) FILTER (stated <> other),
                arg_min(CAST(stated AS VARCHAR), __line) FILTER (stated <> other),
                arg_min(CAST(other AS VARCHAR), __line) FILTER (stated <> other)
            FROM typed WHERE stated IS NOT NULL
            """
        )
    )
    column.certain += certain + more_years
    column.both += both
    if both and column.example is None:
        text, *shown = example
        first, second = (str(value) if field.type in DAYS else f"{Decimal(value).normalize():f}" for value in shown)
        column.example = (text, first, second)


def _order(stated: str, other: str) -> tuple[str, str] | str:
    """Which two parts of a date are apart in both patterns, in the order of the mapping; else the decimal mark."""
    if not stated.startswith("format"):
        return stated
    swapped = next(pair for pair in SWAPS if stated.find(pair[0]) == other.find(pair[1]) >= 0)
    first, second = sorted(swapped, key=stated.find)
    return first, second
