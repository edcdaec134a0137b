"""The DuckDB connection on which mapping expressions run: it reaches the named folders, and nothing else."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings

ENGINE_ERRORS = (
    duckdb.DataError, duckdb.ProgrammingError, duckdb.NotSupportedError, duckdb.OutOfMemoryException,
)  # fmt: skip
"""What the mapping or rows of one source can bring about. Errors of the disk and of the engine itself concern all."""


def open_engine(settings: Settings, folders: Sequence[Path], spill: Path) -> duckdb.DuckDBPyConnection:
    """A connection in memory, in UTC, that reads and writes below `folders` only; its configuration is locked.

    No other file, no network, no extension, no attached database. `spill`: where it puts what exceeds the memory.
    """
    connection = duckdb.connect(
        config={
            "memory_limit": settings.memory_limit,
            "threads": settings.threads,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    # Shared subexpressions are moved out of TRY, where a value that cannot be cast ends the query.
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    # Frames of this process are handed over by name (`register`), never found by one.
    connection.execute("SET python_enable_replacements = false")
    # DuckDB compares paths as they are written, and ours are written with their patterns escaped.
    written = sorted({text for folder in folders for text in (str(folder), glob.escape(str(folder)))})
    names = ", ".join("'" + text.replace("'", "''") + "'" for text in written)
    connection.execute(f"SET allowed_directories = [{names}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
