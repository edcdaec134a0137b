"""Opening the DuckDB files of a home: the limits of a connection, and patience with whoever has them open."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

LOCK_PATIENCE_SECONDS = 60.0


class WarehouseBusy(TierhouseError):
    """Another process holds the DuckDB file for longer than the patience."""


def connect(
    path: Path, settings: Settings, *, read_only: bool = False, say: Callable[[str], None] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file in UTC with the memory and thread limits of the settings.

    Somebody who looks into the file holds it: wait for them.
    Raises WarehouseBusy, naming the file, after 60 seconds.
    """
    config = {"memory_limit": settings.memory_limit, "threads": settings.threads}
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        try:
            connection = duckdb.connect(str(path), read_only=read_only, config=config)
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() > deadline:
                raise WarehouseBusy(f"{path} is held by another process: {error}") from error
            if say:
                say(f"waiting for {path.name}: another process holds it")
            time.sleep(2)
        else:
            # Not a connect option: the time zones come with an extension that is loaded after the file is opened.
            connection.execute("SET TimeZone = 'UTC'")
            return connection


def replace_table(connection: duckdb.DuckDBPyConnection, name: str, frame: object) -> None:
    """Write a frame or Arrow table as `schema.table`, replacing what stood there."""
    schema = name.split(".")[0]
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    connection.register("incoming", frame)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
    connection.unregister("incoming")
