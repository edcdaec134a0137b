"""The rules tables against what their `.yml` says of them, before anything is computed with them.

The tests that dbt would run on a seed say "1 failure"; a business user needs the file, the line and what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import TierhouseError
from pipelines.rules.table import Row, Table, read_table
from pipelines.rules.version import RULES

Arguments = dict[str, Any]


class RulesRefused(TierhouseError):
    """Rules tables that cannot be used. The text has a line per fault: file, line, column, what was expected."""


def assert_rules(folder: Path = RULES) -> None:
    """Read every rules table and test it. Raises RulesRefused with all faults of all tables."""
    specs = {
        seed["name"]: seed
        for file in sorted(folder.glob("*.yml"))
        for seed in yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]
    }
    faults: list[str] = []
    tables = {name: read_table(folder, name, spec, faults) for name, spec in specs.items()}
    for stray in sorted({file.stem for file in folder.glob("*.csv")} - set(specs)):
        faults.append(f"{stray}.csv: expected a {stray}.yml that says what it holds, found none")
    if not faults:
        for table in tables.values():
            faults += table_faults(table, tables)
    if faults:
        raise RulesRefused("\n".join([f"the rules in {folder} cannot be used:", *faults]))


def table_faults(table: Table, tables: dict[str, Table]) -> Iterator[str]:
    """What breaks the tests that the table's `.yml` asks for. `tables`: those that it refers to."""
    for name, arguments in _tests(table.spec):
        yield from TABLE_TESTS[name](table, arguments)
    for column in table.spec["columns"]:
        for name, arguments in _tests(column):
            yield from COLUMN_TESTS[name](table, column["name"], arguments, tables)


def _tests(spec: dict[str, Any]) -> Iterator[tuple[str, Arguments]]:
    for test in spec.get("data_tests", []):
        if isinstance(test, str):
            yield test, {}
        else:
            ((name, options),) = test.items()
            yield name, options.get("arguments", {})


def _not_null(table: Table, column: str, _: Arguments, __: dict[str, Table]) -> Iterator[str]:
    for row in table.rows:
        if row.values[column] is None:
            yield table.fault(row.line, f"{column}: expected a value, found none")


def _unique(table: Table, column: str, _: Arguments, __: dict[str, Table]) -> Iterator[str]:
    yield from _unique_combination(table, {"columns": [column]})


def _accepted_values(table: Table, column: str, arguments: Arguments, _: dict[str, Table]) -> Iterator[str]:
    for row in table.rows:
        if row.values[column] is not None and row.values[column] not in arguments["values"]:
            accepted = ", ".join(map(str, arguments["values"]))
            yield table.fault(row.line, f"{column}: expected one of {accepted}, found {row.values[column]}")


def _between_values(table: Table, column: str, arguments: Arguments, _: dict[str, Table]) -> Iterator[str]:
    low, high = (_bound(arguments.get(side)) for side in ("minimum", "maximum"))
    for row in table.rows:
        value = row.values[column]
        if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
            bounds = [f"{word} {side}" for word, side in (("at least", low), ("at most", high)) if side is not None]
            yield table.fault(row.line, f"{column}: expected {' and '.join(bounds)}, found {value}")


def _bound(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _relationships(table: Table, column: str, arguments: Arguments, tables: dict[str, Table]) -> Iterator[str]:
    other = tables[arguments["to"].removeprefix("ref('").removesuffix("')")]
    known = {row.values[arguments["field"]] for row in other.rows}
    for row in table.rows:
        if row.values[column] is not None and row.values[column] not in known:
            expected = f"a {arguments['field']} of {other.name}.csv"
            yield table.fault(row.line, f"{column}: expected {expected}, found {row.values[column]}")


def _unique_combination(table: Table, arguments: Arguments) -> Iterator[str]:
    first: dict[tuple[Any, ...], int] = {}
    for row in table.rows:
        key = tuple(row.values[column] for column in arguments["columns"])
        if key in first:
            names = ", ".join(arguments["columns"])
            yield table.fault(row.line, f"{names}: {' / '.join(map(str, key))} stands in line {first[key]} already")
        first.setdefault(key, row.line)


def _bands_without_gaps(table: Table, arguments: Arguments) -> Iterator[str]:
    low, high = arguments["minimum"], arguments["maximum"]
    groups: dict[Any, list[Row]] = {}
    for row in table.rows:
        groups.setdefault(row.values.get(arguments.get("group_by", "")), []).append(row)
    for bands in groups.values():
        ordered = sorted(bands, key=lambda row: (row.values[low] is not None, row.values[low] or 0))
        yield from _band_faults(table, ordered, low, high)


def _band_faults(table: Table, ordered: Sequence[Row], low: str, high: str) -> Iterator[str]:
    for band, after in zip(ordered, [*ordered[1:], None], strict=True):
        start, end = band.values[low], band.values[high]
        following = None if after is None else after.values[low]
        if start is not None and end is not None and start >= end:
            yield table.fault(band.line, f"{low}, {high}: expected {low} below {high}, found {start} and {end}")
        elif after is None and end is not None:
            yield table.fault(band.line, f"{high}: expected the last band to be open (empty), found {end}")
        elif after is not None and end != following:
            kind = "a gap" if end is not None and following is not None and end < following else "an overlap"
            yield table.fault(
                band.line,
                f"{high}: expected {following}, where the band of line {after.line} begins, found {end}: {kind}",
            )


def _ascending(table: Table, arguments: Arguments) -> Iterator[str]:
    rows = {row.values[arguments["key"]]: row for row in table.rows}
    named = arguments["order"]
    for name in named:
        if name not in rows:
            yield f"{table.name}.csv: expected a row {name}, found none"
    for lower, upper in pairwise(named):
        if lower in rows and upper in rows:
            small, large = (rows[name].values[arguments["value"]] for name in (lower, upper))
            if not small < large:
                yield table.fault(rows[upper].line, f"{upper}: expected more than {lower}, {small}; found {large}")


def _not_before(table: Table, arguments: Arguments) -> Iterator[str]:
    first, last = arguments["first"], arguments["last"]
    for row in table.rows:
        start, end = row.values[first], row.values[last]
        if start is not None and end is not None and end < start:
            yield table.fault(row.line, f"{last}: expected {start}, which is {first}, or later, found {end}")


ColumnTest = Callable[[Table, str, Arguments, dict[str, Table]], Iterator[str]]
COLUMN_TESTS: dict[str, ColumnTest] = {
    "not_null": _not_null,
    "unique": _unique,
    "accepted_values": _accepted_values,
    "between_values": _between_values,
    "relationships": _relationships,
}
TABLE_TESTS: dict[str, Callable[[Table, Arguments], Iterator[str]]] = {
    "unique_combination": _unique_combination,
    "bands_without_gaps": _bands_without_gaps,
    "ascending": _ascending,
    "not_before": _not_before,
}
