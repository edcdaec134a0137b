"""Loads the DuckDB file of a version into a schema of PostgreSQL, in one transaction."""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import first_value, identifier
from pipelines.home.warehouse import connect
from pipelines.publish.contracts import Contract, contracts
from pipelines.publish.postgres.connection import Connection, PostgresError, run
from pipelines.publish.tables import published_tables

CHUNK = 1 << 20
"""Bytes of CSV that are in memory at a time."""

TYPES = {
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
}
"""Type of DuckDB → type of PostgreSQL. DECIMAL(p,s) becomes numeric(p,s). Contracts use no other types."""

INDEXED = ("customer_id", "agent_id", "owner_agent_id", "grade", "warning_level", "graded_as_of", "month")
"""Columns that readers filter or join by. An index on `as_of` would not help: a version has one day."""


def load_version(connection: Connection, settings: Settings, file: Path, schema: str) -> dict[str, int]:
    """Create a schema with the tables, keys and indexes of a version. Returns the rows by table.

    One transaction: a load that breaks leaves nothing. Rows are loaded frozen, so that they are visible to every
    snapshot, also to a `repeatable read` transaction that began before the load. Raises PostgresError.
    """
    with connect(file, settings, read_only=True) as source, connection.transaction():
        run(connection, f"CREATE SCHEMA {identifier(schema)}")
        rows = {table: _load_table(connection, source, table, schema) for table in tables_of(source)}
        for table in rows:
            run(connection, f"ANALYZE {identifier(schema)}.{identifier(table)}")
    return rows


def tables_of(source: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables of a version in the order of their publication, then those that are no longer published."""
    present = sorted(row[0] for row in source.execute("SELECT table_name FROM duckdb_tables()").fetchall())
    published = [table for table in published_tables() if table in present]
    return [*published, *(table for table in present if table not in published)]


def _load_table(connection: Connection, source: duckdb.DuckDBPyConnection, table: str, schema: str) -> int:
    target = f"{identifier(schema)}.{identifier(table)}"
    columns = {row[0]: row[1] for row in source.execute(f"DESCRIBE {identifier(table)}").fetchall()}
    contract = contracts().get(table)
    required = contract.required | set(contract.key) if contract else frozenset()
    defined = [
        f"{identifier(name)} {_type(table, name, kind)}{' NOT NULL' if name in required else ''}"
        for name, kind in columns.items()
    ]
    # Frozen rows that never change need no vacuum, and a vacuum would hold locks that delay the switch.
    run(connection, f"CREATE TABLE {target} ({', '.join(defined)}) WITH (autovacuum_enabled = false)")
    expected = first_value(source.execute(f"SELECT count(*) FROM {identifier(table)}"))
    rows = _copy(connection, source, table, target)
    if rows != expected:
        raise PostgresError(f"{table}: expected {expected:,} rows in PostgreSQL, found {rows:,}")
    if contract:
        _add_keys(connection, target, contract, set(columns))
    return rows


def _type(table: str, column: str, kind: str) -> str:
    if decimal := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind):
        return f"numeric({decimal[1]},{decimal[2]})"
    if kind not in TYPES:
        raise PostgresError(f"{table}.{column}: expected one of the types {', '.join(TYPES)} or DECIMAL, got {kind}")
    return TYPES[kind]


def _copy(connection: Connection, source: duckdb.DuckDBPyConnection, table: str, target: str) -> int:
    """Stream a table as CSV through a pipe. Returns the number of rows that PostgreSQL received."""
    outgoing, incoming = os.pipe()
    with ThreadPoolExecutor(1, "csv") as pool:
        written = pool.submit(_write_csv, source.cursor(), table, incoming)
        # Closed before the pool: a writer without a reader ends with an error instead of waiting for ever.
        with os.fdopen(outgoing, "rb", buffering=0) as stream, connection.cursor() as cursor:
            with cursor.copy(f"COPY {target} FROM STDIN (FORMAT csv, FREEZE)".encode()) as copy:
                while chunk := stream.read(CHUNK):
                    copy.write(chunk)
                written.result()  # inside the copy: the end of a broken file must not look like the end of the table
            return cursor.rowcount


def _write_csv(source: duckdb.DuckDBPyConnection, table: str, pipe: int) -> None:
    """Write a table to a pipe and close the pipe. Every value is quoted: an empty cell is a null."""
    try:
        options = "FORMAT csv, HEADER false, FORCE_QUOTE *, USE_TMP_FILE false"
        source.execute(f"COPY (FROM {identifier(table)}) TO '/dev/fd/{pipe}' ({options})")
    finally:
        os.close(pipe)


def _add_keys(connection: Connection, target: str, contract: Contract, columns: set[str]) -> None:
    """Add the primary key, unique constraints and indexes. Skips those of columns that an older version lacks."""
    if columns >= set(contract.key):
        run(connection, f"ALTER TABLE {target} ADD PRIMARY KEY ({_names(contract.key)})")
    for unique in contract.unique:
        if columns >= set(unique):
            run(connection, f"ALTER TABLE {target} ADD UNIQUE ({_names(unique)})")
    leading = {contract.key[0], *(unique[0] for unique in contract.unique)}
    for column in INDEXED:
        if column in columns and column not in leading:
            run(connection, f"CREATE INDEX ON {target} ({identifier(column)})")


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(identifier, columns))
