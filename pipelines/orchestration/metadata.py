"""Metadata of assets for the Dagster UI: tables, row counts, columns, pictures."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from pipelines.home.sql import first_value

OWNERS = ["team:data-engineering"]


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """Format rows as a Markdown table. Nulls are blank, floats have four digits, integers have thousands separators."""
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
    """Embed a PNG in Markdown."""
    return dg.MetadataValue.md(f"![](data:image/png;base64,{base64.b64encode(png).decode()})")


def column_schema(columns: Mapping[str, str]) -> dg.TableSchema:
    """Return the schema of columns given as name → type."""
    return dg.TableSchema(columns=[dg.TableColumn(name=name, type=kind) for name, kind in columns.items()])


def table_metadata(connection: duckdb.DuckDBPyConnection, table: str) -> Mapping[str, Any]:
    """Return the row count and the column schema of `schema.table`."""
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    return {
        "dagster/row_count": first_value(connection.execute(f"SELECT count(*) FROM {table}")),
        "dagster/column_schema": column_schema({row[0]: row[1] for row in described}),
    }
