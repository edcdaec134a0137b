"""Metadata of assets for the Dagster UI: tables, row counts, columns, pictures."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb

from pipelines.home.settings import PROJECT_ROOT
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


def code_references(*files: str) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Return metadata that links an asset to files or folders of the checkout, given relative to its root."""
    links: list[Any] = [dg.LocalFileCodeReference(file_path=str(PROJECT_ROOT / file), label=file) for file in files]
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=links)}


def picture(png: bytes) -> dg.MarkdownMetadataValue:
    """Embed a PNG in Markdown."""
    return dg.MetadataValue.md(f"![](data:image/png;base64,{base64.b64encode(png).decode()})")


def column_schema(columns: Mapping[str, str]) -> dg.TableSchema:
    """Return the schema of columns given as name → type."""
    return dg.TableSchema(columns=[dg.TableColumn(name=name, type=kind) for name, kind in columns.items()])


def add_day_figures(
    context: dg.AssetExecutionContext, figures: Mapping[str, Mapping[str, float]], asset: str | None = None
) -> None:
    """Attach numbers (day → label → number) to the materialisation of each day, so that Dagster plots them by day.

    A day that is no partition of the run (`DAYS_TAG`) gets a materialisation of its own. Call before the result of the
    asset is yielded or returned. `asset`: its name, where a step makes several.
    """
    partitions = set(context.partition_keys)
    for day, numbers in figures.items():
        if day in partitions:
            context.add_asset_metadata(numbers, asset_key=asset, partition_key=day)
        else:
            context.log_event(dg.AssetMaterialization(asset or context.asset_key, partition=day, metadata=numbers))


def run_seconds(context: dg.AssetExecutionContext) -> float:
    """Return the seconds since the run of this step began."""
    record = context.instance.get_run_record_by_id(context.run.run_id)
    return round(time.time() - record.start_time, 1) if record and record.start_time else 0.0


def table_metadata(connection: duckdb.DuckDBPyConnection, table: str) -> Mapping[str, Any]:
    """Return the row count and the column schema of `schema.table`."""
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    return {
        "dagster/row_count": first_value(connection.execute(f"SELECT count(*) FROM {table}")),
        "dagster/column_schema": column_schema({row[0]: row[1] for row in described}),
    }
