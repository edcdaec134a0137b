"""The gate `features`: judges features and RFM between core and scoring."""

from typing import Any

import dagster as dg
import duckdb

from pipelines.gates.asset_check import blocking, check_gate
from pipelines.orchestration.partitions import AS_OF
from pipelines.orchestration.resources import Home
from pipelines.transform.gate_tables import queries, warehouse_of_run


@dg.asset_check(
    asset="customer_features",
    name="gate_features",
    additional_deps=["customer_rfm__by_as_of", "customer_purchase_features"],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Features and RFM of the day are complete and within what is possible.",
)
def features_gate(context: dg.AssetCheckExecutionContext, home: Home) -> Any:
    settings = home.settings
    with warehouse_of_run(context, settings) as warehouse:
        result = check_gate(context, "features", warehouse, features_tables(warehouse), settings.data_docs)
    yield from blocking(result)


def features_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    names = ("customer_features", "customer_purchase_features")
    tables = {name: f"core.{name}" for name in names} | {"customer_rfm": "core.customer_rfm__by_as_of"}
    return queries(connection, tables)
