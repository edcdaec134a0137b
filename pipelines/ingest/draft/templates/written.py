"""How the values of a file of a known system are written: patterns of dates and decimal marks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pipelines.ingest.contract import NUMBER_TYPES
from pipelines.ingest.draft.contents import date_patterns, settle_dates
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.marks import read_marks, settle_marks
from pipelines.ingest.draft.table import Table

DAYS = ("timestamp", "date")


def state_formats(fields: Iterable[tuple[Fields, str, str]], table: Table) -> list[str]:
    """Add to the fields how their columns are written. Returns doubts: columns that can be read in two ways.

    `fields`: the fields of an entity, the name of one of them and its type.
    """
    listed = [(part, name, kind) for part, name, kind in fields if _column(part[name]) in table.columns]
    days = {
        column: table.texts(column) for part, name, kind in listed if kind in DAYS and (column := _column(part[name]))
    }
    numbers = {
        column: table.texts(column)
        for part, name, kind in listed
        if kind in NUMBER_TYPES and (column := _column(part[name]))
    }
    fitting = {column: date_patterns(texts) or [""] for column, texts in days.items()}
    formats, unsure_days = settle_dates(fitting)
    decimals, unsure_numbers = settle_marks({column: read_marks(texts) for column, texts in numbers.items()}, numbers)
    for part, name, kind in listed:
        column = _column(part[name])
        keys: dict[str, Any] = {}
        if kind in DAYS and formats[column]:
            keys = {"format": formats[column]}
        elif kind in NUMBER_TYPES and column in decimals:
            keys = {"decimal": decimals[column]}
        if keys:
            part[name] = {**(part[name] if isinstance(part[name], dict) else {"column": column}), **keys}
    return [*unsure_days.values(), *unsure_numbers.values()]


def _column(value: Any) -> str:
    return value if isinstance(value, str) else value.get("column", "") if isinstance(value, dict) else ""
