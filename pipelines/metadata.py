"""What the Dagster UI shows of a table: its rows and its columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb

OWNERS = ["team:data-engineering"]


def table_metadata(connection: duckdb.DuckDBPyConnection, table: str) -> Mapping[str, Any]:
    """Row count and column schema of `schema.table`."""
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return {
        "dagster/row_count": rows[0] if rows else 0,
        "dagster/column_schema": dg.TableSchema(
            columns=[dg.TableColumn(name=row[0], type=row[1]) for row in described]
        ),
    }
