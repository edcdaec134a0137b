"""One published version: a folder with a DuckDB file and a Parquet file per table."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.home.sql import literal
from pipelines.publish.folders import partial_folder, put_in_place
from pipelines.publish.tables import SCHEMA, published_tables

STORAGE_VERSION = "v1.2.0"
"""What BI drivers of the last years can open; the engine's own default is newer than some of them."""


def build_version(warehouse: Path, versions: Path, version_id: str) -> dict[str, int]:
    """Copy the schema `marts` of the warehouse into `versions/<version_id>`. Returns rows by table.

    `versions`: `<home>/published/versions`. The folder appears under its name only when it is whole and on disk, with a
    manifest of its files.
    """
    partial = partial_folder(versions, version_id)
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        target = literal(str(partial / "tierhouse.duckdb"))
        connection.execute(f"ATTACH {target} AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        for table, order in published_tables().items():
            ordered = f"SELECT * FROM warehouse.{SCHEMA}.{table} ORDER BY {', '.join(order)}"
            connection.execute(f"CREATE TABLE target.{table} AS {ordered}")
            file = literal(str(partial / f"{table}.parquet"))
            connection.execute(f"COPY ({ordered}) TO {file} (FORMAT parquet, COMPRESSION zstd)")
            rows[table] = connection.execute(f"SELECT count(*) FROM target.{table}").fetchone()[0]  # type: ignore[index]
        connection.execute("CHECKPOINT target")
        connection.execute("DETACH target")
    put_in_place(partial, versions, version_id, rows)
    return rows
