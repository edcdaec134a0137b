"""The gate `features`: judges features and RFM between core and scoring."""

from collections.abc import Mapping
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines.gates.asset_check import blocking, check_gate
from pipelines.orchestration.partitions import AS_OF
from pipelines.orchestration.resources import Home
from pipelines.transform.gate_tables import read_tables, tables_of_run


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
    yield from blocking(
        check_gate(context, "features", tables_of_run(context, home.settings, features_tables), home.settings.data_docs)
    )


def features_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    names = ("customer_features", "customer_purchase_features")
    tables = {name: f"core.{name}" for name in names} | {"customer_rfm": "core.customer_rfm__by_as_of"}
    return read_tables(connection, tables)
