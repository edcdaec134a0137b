"""Small publications for the tests of sections: the published tables by their contracts, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.home.settings import PROJECT_ROOT

DAY = "2026-06-30"
Rows = Sequence[Mapping[str, Any]]


@cache
def contracts() -> Mapping[str, Mapping[str, str]]:
    """Return the type of each column of each published table, as its yml states it."""
    files = Path(PROJECT_ROOT, "dbt_project", "models", "marts").rglob("*.yml")
    models = [model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])]
    return {model["name"]: {column["name"]: column["data_type"] for column in model["columns"]} for model in models}


def publication(tables: Mapping[str, Rows] | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection to a publication of DAY. Columns that a row does not name are null; tables may be empty."""
    connection = duckdb.connect()
    filled = {"publication": [{"source_watermarks": "{}"}], **(tables or {})}
    for table, columns in contracts().items():
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        if rows := filled.get(table):
            names = sorted({name for row in rows for name in row} | {"as_of"})
            values = [{"as_of": DAY, **row}.get(name) for row in rows for name in names]
            places = ", ".join([f"({', '.join('?' * len(names))})"] * len(rows))
            connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES {places}", values)
    return connection
