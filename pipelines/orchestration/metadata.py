"""What the Dagster UI shows of a table: its rows and its columns."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

OWNERS = ["team:data-engineering"]


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """Rows as a table that the UI renders. Nulls are blank, floats have four digits, counts their thousands."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    return dg.MetadataValue.md("\n".join(lines))


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def picture(png: bytes) -> dg.MarkdownMetadataValue:
    """A PNG that the UI renders."""
    return dg.MetadataValue.md(f"![](data:image/png;base64,{base64.b64encode(png).decode()})")


def column_schema(columns: Mapping[str, str]) -> dg.TableSchema:
    """Columns by name and type."""
    return dg.TableSchema(columns=[dg.TableColumn(name=name, type=kind) for name, kind in columns.items()])


def table_metadata(connection: duckdb.DuckDBPyConnection, table: str) -> Mapping[str, Any]:
    """Row count and column schema of `schema.table`."""
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return {
        "dagster/row_count": rows[0] if rows else 0,
        "dagster/column_schema": column_schema({row[0]: row[1] for row in described}),
    }
