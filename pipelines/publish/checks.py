"""The gates `history` and `published`: judge the tables of the day before they are published."""

from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines.gates.asset_check import blocking, check_gate
from pipelines.history.messages import CHECKS, find_lines
from pipelines.orchestration.partitions import AS_OF
from pipelines.orchestration.resources import Home
from pipelines.publish.outward import count_marketing, marketing_lines, outward_tables
from pipelines.publish.tables import SCHEMA, published_tables
from pipelines.transform.gate_tables import queries, warehouse_of_run


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
    with warehouse_of_run(context, settings) as warehouse:
        tables, lines = history_tables(warehouse), find_lines(warehouse)
        result = check_gate(context, "history", warehouse, tables, settings.data_docs, lines, shows_warnings=True)
    yield from blocking(result)


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
    settings = home.settings
    with warehouse_of_run(context, settings) as warehouse:
        outward = count_marketing(warehouse, outward_tables())
        lines = marketing_lines(outward)
        tables = tables_to_publish(warehouse, outward)
        result = check_gate(context, "published", warehouse, tables, settings.data_docs, lines)
    yield from blocking(result)


def history_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return queries(connection, {"history_checks": CHECKS})


def tables_to_publish(connection: duckdb.DuckDBPyConnection, outward: pd.DataFrame) -> dict[str, str]:
    """`outward`: the counts of `count_marketing`, one row per table."""
    connection.register("outward", outward)
    published = queries(connection, {table: f"{SCHEMA}.{table}" for table in published_tables()})
    return {**published, "outward": "SELECT * FROM outward"}
