"""The gates `history` and `published`: judge the tables of the day before they are published."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines.gates.asset_check import blocking, check_gate
from pipelines.history.messages import CHECKS, find_lines
from pipelines.home.warehouse import connect
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.partitions import AS_OF
from pipelines.orchestration.resources import Home
from pipelines.publish.outward import count_marketing, marketing_lines, outward_tables
from pipelines.publish.tables import SCHEMA, published_tables
from pipelines.transform.gate_tables import read_tables, tables_of_run


@dg.asset_check(
    asset="history_checks",
    name="gate_history",
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Sources deliver as they usually do, and grades have not changed beyond what a day can bring.",
)
def history_gate(context: dg.AssetCheckExecutionContext, home: Home) -> Any:
    settings = home.settings
    tables = tables_of_run(context, settings, history_tables)
    with errors_as_failures(context), connect(settings.warehouse, settings, read_only=True) as connection:
        lines = find_lines(connection)
    yield from blocking(check_gate(context, "history", tables, settings.data_docs, lines, shows_warnings=True))


@dg.asset_check(
    asset="customer_grades",
    name="gate_published",
    additional_deps=[
        *(table for table in published_tables() if table != "customer_grades"),
        "crm_records",
        "crm_worklist",
    ],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="The tables keep their contract with BI, hold no identifier and market to no opted-out customer.",
)
def published_gate(context: dg.AssetCheckExecutionContext, home: Home) -> Any:
    tables = tables_of_run(context, home.settings, tables_to_publish)
    yield from blocking(
        check_gate(context, "published", tables, home.settings.data_docs, marketing_lines(tables["outward"]))
    )


def history_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    return read_tables(connection, {"history_checks": CHECKS})


def tables_to_publish(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    published = read_tables(connection, {table: f"{SCHEMA}.{table}" for table in published_tables()})
    return {**published, "outward": count_marketing(connection, outward_tables())}
