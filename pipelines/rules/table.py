"""One rules table as typed rows, each with its line."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

Value = str | int | Decimal | date | bool


@dataclass(frozen=True)
class Row:
    """One line of a rules table; an empty field is None."""

    line: int
    values: dict[str, Value | None]


@dataclass(frozen=True)
class Table:
    name: str
    spec: dict[str, Any]
    rows: list[Row]

    def fault(self, line: int, text: str) -> str:
        return f"{self.name}.csv, line {line}: {text}"


def read_table(folder: Path, name: str, spec: dict[str, Any], faults: list[str]) -> Table:
    """The table with typed values; what cannot be read is added to `faults`."""
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
            values: dict[str, Value | None] = {}
            for column, text in zip(header, fields, strict=True):
                try:
                    values[column] = _typed(text.strip(), types[column])
                except (ValueError, InvalidOperation):
                    faults.append(table.fault(reader.line_num, f"{column}: expected {types[column]}, found '{text}'"))
            table.rows.append(Row(reader.line_num, values))
    if not table.rows:
        faults.append(f"{name}.csv: expected at least one row, found none")
    return table


def _typed(text: str, kind: str) -> Value | None:
    if text == "":
        return None
    if kind == "varchar":
        return text
    if kind == "integer":
        return int(text)
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "boolean":
        return {"true": True, "false": False}[text.lower()] if text.lower() in ("true", "false") else _refuse(text)
    number = Decimal(text)
    return number if number.is_finite() else _refuse(text)


def _refuse(text: str) -> Value:
    raise ValueError(text)
