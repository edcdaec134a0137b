"""The DuckDB connection that runs the expressions of mappings. It can access the named folders and nothing else."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import literal

ENGINE_ERRORS = (duckdb.DataError, duckdb.ProgrammingError, duckdb.NotSupportedError)
"""Errors that the mapping or the rows of one source cause. Others come from the disk, the memory or DuckDB itself."""


def open_engine(settings: Settings, folders: Sequence[Path], spill: Path) -> duckdb.DuckDBPyConnection:
    """Open a connection in memory, in UTC, that reads and writes only below `folders`. Its configuration is locked.

    It cannot access other files, the network, extensions or attached databases. `spill`: folder for data that exceeds
    the memory.
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
    # This optimizer moves shared subexpressions out of TRY. There a failed cast ends the query.
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    # Only frames that are registered can be read, not every variable of this process.
    connection.execute("SET python_enable_replacements = false")
    # DuckDB compares paths as text, and queries contain them with escaped patterns.
    paths = sorted({text for folder in folders for text in (str(folder), glob.escape(str(folder)))})
    names = ", ".join(map(literal, paths))
    connection.execute(f"SET allowed_directories = [{names}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
