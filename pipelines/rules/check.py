"""Checks the rules tables, before dbt reads them. The yml of each table declares its checks in `config.meta.checks`.

| check | argument |
|---|---|
| `not_null` | columns without empty fields |
| `unique` | lists of columns whose values together are different in each row |
| `accepted_values` | column: the values that it may have |
| `between_values` | column: `minimum`, `maximum` or both |
| `references` | column: `table.column` that contains its values |
| `bands_without_gaps` | columns `minimum` and `maximum` of half-open bands, in each group of the column `group_by` |
| `ascending` | `order`: names in the column `key` whose `value` increases |
| `not_before` | columns `first` and `last` of a period |

To add a check, write its function and add it to `CHECKS`. The checks are no dbt tests: a dbt test reports a number of
failed rows, and a business user needs the file, the line and what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import TierhouseError
from pipelines.rules.table import Row, Table, read_table
from pipelines.rules.version import RULES

Tables = Mapping[str, Table]


class RulesRefused(TierhouseError):
    """Rules tables that cannot be used. The text has a line per fault: file, line, column, what was expected."""


def assert_rules(folder: Path = RULES) -> None:
    """Read and check every rules table. Raises RulesRefused with all faults of all tables."""
    specs = {
        seed["name"]: seed
        for file in sorted(folder.glob("*.yml"))
        for seed in yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]
    }
    faults: list[str] = []
    tables = {name: read_table(folder, name, spec, faults) for name, spec in specs.items()}
    for stray in sorted({file.stem for file in folder.glob("*.csv")} - set(specs)):
        faults.append(f"{stray}.csv: expected a {stray}.yml that describes its columns, found none")
    if not faults:
        for table in tables.values():
            faults += table_faults(table, tables)
    if faults:
        raise RulesRefused("\n".join([f"the rules in {folder} cannot be used:", *faults]))


def table_faults(table: Table, tables: Tables) -> Iterator[str]:
    """Yield the faults of a table by the checks of its yml. `tables`: the tables that it may reference, by name."""
    for name, argument in table.spec["config"]["meta"]["checks"].items():
        if name in CHECKS:
            yield from CHECKS[name](table, argument, tables)
        else:
            yield f"{table.name}.yml: expected one of the checks {', '.join(CHECKS)}, found {name}"


def _not_null(table: Table, columns: Sequence[str], _: Tables) -> Iterator[str]:
    for column in columns:
        for row in table.rows:
            if row.values[column] is None:
                yield table.fault(row.line, f"{column}: expected a value, found none")


def _unique(table: Table, keys: Sequence[Sequence[str]], _: Tables) -> Iterator[str]:
    for columns in keys:
        first: dict[tuple[Any, ...], int] = {}
        for row in table.rows:
            key = tuple(row.values[column] for column in columns)
            if key in first:
                text = " / ".join(map(str, key))
                yield table.fault(row.line, f"{', '.join(columns)}: {text} is already in line {first[key]}")
            first.setdefault(key, row.line)


def _accepted_values(table: Table, accepted: Mapping[str, Sequence[Any]], _: Tables) -> Iterator[str]:
    for column, row, value in _filled(table, accepted):
        if value not in accepted[column]:
            expected = ", ".join(map(str, accepted[column]))
            yield table.fault(row.line, f"{column}: expected one of {expected}, found {value}")


def _between_values(table: Table, bounds: Mapping[str, Mapping[str, Any]], _: Tables) -> Iterator[str]:
    for column, row, value in _filled(table, bounds):
        low, high = (_bound(bounds[column].get(side)) for side in ("minimum", "maximum"))
        if (low is not None and value < low) or (high is not None and value > high):
            limits = [f"{word} {side}" for word, side in (("at least", low), ("at most", high)) if side is not None]
            yield table.fault(row.line, f"{column}: expected {' and '.join(limits)}, found {value}")


def _bound(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _references(table: Table, targets: Mapping[str, str], tables: Tables) -> Iterator[str]:
    for column, row, value in _filled(table, targets):
        name, _, key = targets[column].partition(".")
        if all(value != other.values[key] for other in tables[name].rows):
            yield table.fault(row.line, f"{column}: expected a {key} of {name}.csv, found {value}")


def _filled(table: Table, columns: Mapping[str, object]) -> Iterator[tuple[str, Row, Any]]:
    """Yield column, row and value of each field with a value."""
    for column in columns:
        for row in table.rows:
            if row.values[column] is not None:
                yield column, row, row.values[column]


def _bands_without_gaps(table: Table, arguments: Mapping[str, str], _: Tables) -> Iterator[str]:
    low, high = arguments["minimum"], arguments["maximum"]
    groups: dict[Any, list[Row]] = {}
    for row in table.rows:
        groups.setdefault(row.values.get(arguments.get("group_by", "")), []).append(row)
    for bands in groups.values():
        ordered = sorted(bands, key=lambda row: (row.values[low] is not None, row.values[low] or 0))
        yield from _band_faults(table, ordered, low, high)


def _band_faults(table: Table, ordered: Sequence[Row], low: str, high: str) -> Iterator[str]:
    for band, following in zip(ordered, [*ordered[1:], None], strict=True):
        start, end = band.values[low], band.values[high]
        next_start = None if following is None else following.values[low]
        if start is not None and end is not None and start >= end:
            yield table.fault(band.line, f"{low}, {high}: expected {low} below {high}, found {start} and {end}")
        elif following is None and end is not None:
            yield table.fault(band.line, f"{high}: expected the last band to be open (empty), found {end}")
        elif following is not None and end != next_start:
            kind = "a gap" if end is not None and next_start is not None and end < next_start else "an overlap"
            expected = f"{next_start}, where the band of line {following.line} begins"
            yield table.fault(band.line, f"{high}: expected {expected}, found {end}: {kind}")


def _ascending(table: Table, arguments: Mapping[str, Any], _: Tables) -> Iterator[str]:
    rows = {row.values[arguments["key"]]: row for row in table.rows}
    names: list[str] = arguments["order"]
    for name in names:
        if name not in rows:
            yield f"{table.name}.csv: expected a row {name}, found none"
    for lower, upper in pairwise(names):
        if lower in rows and upper in rows:
            small, large = (rows[name].values[arguments["value"]] for name in (lower, upper))
            if not small < large:
                yield table.fault(rows[upper].line, f"{upper}: expected more than {lower}, {small}; found {large}")


def _not_before(table: Table, arguments: Mapping[str, str], _: Tables) -> Iterator[str]:
    first, last = arguments["first"], arguments["last"]
    for row in table.rows:
        start, end = row.values[first], row.values[last]
        if start is not None and end is not None and end < start:
            yield table.fault(row.line, f"{last}: expected {start}, which is {first}, or later, found {end}")


Check = Callable[[Table, Any, Tables], Iterator[str]]
CHECKS: dict[str, Check] = {
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "between_values": _between_values,
    "references": _references,
    "bands_without_gaps": _bands_without_gaps,
    "ascending": _ascending,
    "not_before": _not_before,
}
