"""SQL text: quoted identifiers and literals, and Parquet files as one relation."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet_files(paths: Sequence[Path], options: str = "") -> str:
    """SQL that reads these Parquet files as one relation.

    Their paths are names alone: no patterns (`[1]`), and no columns (`source=crm/`).
    """
    names = ", ".join(literal(glob.escape(str(path))) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false{options and f', {options}'})"
