"""Reads one rules table as typed rows, each with its line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Row:
    """One row of a rules table: typed values by column, None for an empty field. `line`: its last line in the file."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A rules table. `spec`: its description, the seed in `<name>.yml`."""

    name: str
    spec: dict[str, Any]
    rows: list[Row]

    def fault(self, line: int, text: str) -> str:
        return f"{self.name}.csv, line {line}: {text}"


def read_table(folder: Path, name: str, spec: dict[str, Any], faults: list[str]) -> Table:
    """Read the table. Adds a fault, with its line, for each row and field that cannot be read."""
    table = Table(name, spec, [])
    types = spec["config"]["column_types"]
    file = folder / f"{name}.csv"
    if not file.exists():
        faults.append(f"{name}.csv: expected this rules table in {folder}, found none")
        return table
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, [])
        if header != list(types):
            faults.append(table.fault(1, f"expected the columns {', '.join(types)}, found {', '.join(header)}"))
            return table
        for fields in reader:
            if len(fields) != len(header):
                faults.append(table.fault(reader.line_num, f"expected {len(header)} fields, found {len(fields)}"))
                continue
            values: dict[str, Any] = {}
            for column, text in zip(header, fields, strict=True):
                try:
                    values[column] = _typed(text.strip(), types[column])
                except (ValueError, InvalidOperation):
                    faults.append(table.fault(reader.line_num, f"{column}: expected {types[column]}, found '{text}'"))
            table.rows.append(Row(reader.line_num, values))
    if not table.rows:
        faults.append(f"{name}.csv: expected at least one row, found none")
    return table


def _typed(text: str, kind: str) -> str | int | Decimal | date | bool | None:
    """Convert a field. Raises ValueError or InvalidOperation for text of another type."""
    if text == "":
        return None
    if kind == "varchar":
        return text
    if kind == "integer":
        return int(text)
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "boolean":
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return text.lower() == "true"
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number
