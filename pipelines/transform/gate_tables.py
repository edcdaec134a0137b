"""The warehouse and its tables, for a gate."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import dagster as dg
import duckdb

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.partitions import as_of_dates
from pipelines.transform.scope import assert_scope


@contextmanager
def warehouse_of_run(
    context: dg.AssetCheckExecutionContext, settings: Settings
) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for a gate, after a check that it was built for the days of the run."""
    with errors_as_failures(context), connect(settings.warehouse, settings, read_only=True) as connection:
        assert_scope(connection, as_of_dates(context))
        yield connection


def queries(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> dict[str, str]:
    """Return a query of each table by the name that the suite uses. Omits a missing table: the gate fails for it."""
    built = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database()"
    ).fetchall()
    there = {row[0] for row in built}
    return {name: f"SELECT * FROM {table}" for name, table in tables.items() if table in there}
