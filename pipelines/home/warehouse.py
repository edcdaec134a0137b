"""Connections to the DuckDB files of a home, with limits of memory and threads; waits for a file that is locked."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

LOCK_PATIENCE_SECONDS = 60.0


class WarehouseBusy(TierhouseError):
    """Another process has had the DuckDB file open for too long."""


def connect(
    path: Path, settings: Settings, *, read_only: bool = False, say: Callable[[str], None] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file in UTC with the memory and thread limits of the settings.

    Waits up to 60 seconds while another process has the file open, then raises WarehouseBusy.
    """
    config: dict[str, bool | float | int | list[str] | str] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
    }
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only, config=config)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() > deadline:
                raise WarehouseBusy(f"{path} is open in another process: {error}") from error
            if say:
                say(f"waiting for {path.name}: another process has it open")
            time.sleep(2)
        else:
            # Not a connect option: DuckDB loads its time zones after it has opened the file.
            connection.execute("SET TimeZone = 'UTC'")
            return connection


def connect_in_memory(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open a connection without a file, in the limits of the settings. Spills where the warehouse spills."""
    config: dict[str, bool | float | int | list[str] | str] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": f"{settings.warehouse}.tmp",
    }
    return duckdb.connect(config=config)


def replace_table(connection: duckdb.DuckDBPyConnection, name: str, frame: object) -> None:
    """Create or replace `schema.table` from a data frame or an Arrow table."""
    schema = name.split(".")[0]
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    connection.register("incoming", frame)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")
