"""A published version: a folder with a DuckDB file and a Parquet file per table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.home.sql import first_value, literal
from pipelines.publish.contracts import add_comments
from pipelines.publish.folders import partial_folder, put_in_place
from pipelines.publish.tables import SCHEMA, published_tables

STORAGE_VERSION = "v1.2.0"
"""Readable by BI drivers of the last years; DuckDB's default is newer than some of them."""


def build_version(
    warehouse: Path,
    versions: Path,
    version_id: str,
    open_engine: Callable[[], duckdb.DuckDBPyConnection] = duckdb.connect,
) -> dict[str, int]:
    """Copy the schema `marts` of the warehouse to `versions/<version_id>`. Returns the rows by table.

    The DuckDB file has the comments of dbt's contracts. The folder gets its name when all files and the manifest are
    on disk. `versions`: `<home>/published/versions`. `open_engine`: opens a connection without a file.
    """
    partial = partial_folder(versions, version_id)
    rows: dict[str, int] = {}
    with open_engine() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        target = literal(str(partial / "tierhouse.duckdb"))
        connection.execute(f"ATTACH {target} AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        for table, order in published_tables().items():
            ordered = f"SELECT * FROM warehouse.{SCHEMA}.{table} ORDER BY {', '.join(order)}"
            connection.execute(f"CREATE TABLE target.{table} AS {ordered}")
            add_comments(connection, "target", table)
            # DuckDB keeps the order of insertion, so the rows are sorted once.
            file = literal(str(partial / f"{table}.parquet"))
            connection.execute(f"COPY target.{table} TO {file} (FORMAT parquet, COMPRESSION zstd)")
            rows[table] = first_value(connection.execute(f"SELECT count(*) FROM target.{table}"))
        connection.execute("CHECKPOINT target")
        connection.execute("DETACH target")
    put_in_place(partial, versions, version_id, rows)
    return rows
