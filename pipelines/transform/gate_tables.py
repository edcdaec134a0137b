"""The tables that a gate judges, read from the warehouse."""

from collections.abc import Callable, Mapping

import dagster as dg
import duckdb
import pandas as pd

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.partitions import as_of_dates
from pipelines.transform.scope import assert_scope

Reader = Callable[[duckdb.DuckDBPyConnection], Mapping[str, pd.DataFrame]]


def tables_of_run(
    context: dg.AssetCheckExecutionContext, settings: Settings, read: Reader
) -> Mapping[str, pd.DataFrame]:
    """Read the tables of a gate after a check that the warehouse was built for the days of the run."""
    with errors_as_failures(context), connect(settings.warehouse, settings, read_only=True) as connection:
        assert_scope(connection, as_of_dates(context))
        return read(connection)


def read_tables(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Return the tables by the name that the suite uses. Omits a missing table: the gate reports it and fails."""
    built = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database()"
    ).fetchall()
    there = {row[0] for row in built}
    return {name: connection.execute(f"SELECT * FROM {table}").df() for name, table in tables.items() if table in there}
