"""The gates behind raw as blocking asset checks. Each reads the tables that its suite names, between two steps."""

from collections.abc import Callable, Mapping

import dagster as dg
import duckdb
import pandas as pd

from pipelines.failures import plainly
from pipelines.gates.outward import count_marketing, outward_tables, who_is_marketed_to
from pipelines.gates.result import judge_tables
from pipelines.history.messages import CHECKS, SILENCE, find_lines
from pipelines.partitions import AS_OF, as_of_dates
from pipelines.publish.version import TABLES
from pipelines.resources import Home
from pipelines.scoring.training import GRADING
from pipelines.settings import Settings
from pipelines.transform.dbt import manifest
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect

Reader = Callable[[duckdb.DuckDBPyConnection], Mapping[str, pd.DataFrame]]

COVERAGE = """
SELECT
    features.as_of,
    count(*) FILTER (WHERE features.is_engaged AND features.is_dormancy_available) AS engaged,
    any_value(champions.model_version) IS NOT NULL AS trained,
    (
        SELECT count(DISTINCT scores.customer_key) FROM scoring.scores AS scores
        WHERE scores.as_of = features.as_of AND scores.target = ? AND scores.horizon_days = ?
    ) AS scored,
    bool_or(features.is_dormancy_available) AS dormancy_available
FROM marts.customer_features AS features
LEFT JOIN scoring.champions AS champions
    ON features.as_of = champions.as_of AND champions.target = ? AND champions.horizon_days = ?
GROUP BY features.as_of
"""
"""How many customers the question that grades is about, and how many of them a model has scored."""


@dg.asset_check(
    asset="customer_features",
    name="gate_features",
    additional_deps=["customer_rfm__by_as_of", "customer_purchase_features"],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Features and RFM of the day are complete and within what is possible.",
)
def features_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    return judge_tables(context, "features", _tables(context, home.settings, features_tables), home.settings.data_docs)


@dg.asset_check(
    asset="training_snapshots",
    name="gate_training",
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Features at the month-ends pass what the daily ones must pass.",
)
def training_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    settings = home.settings
    with plainly(context), connect(settings.training_warehouse, settings, read_only=True) as connection:
        tables = features_tables(connection)
    return judge_tables(context, "features", tables, settings.data_docs / "training")


@dg.asset_check(
    asset="scores",
    name="gate_scores",
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Every engaged relationship has one score, and the scores are plausible.",
)
def scores_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    settings = home.settings
    tables = _tables(context, settings, scores_tables)
    with plainly(context), connect(settings.warehouse, settings, read_only=True) as connection:
        silent = find_lines(connection, SILENCE)
    return judge_tables(context, "scores", tables, settings.data_docs, silent)


@dg.asset_check(
    asset="history_checks",
    name="gate_history",
    additional_deps=["int_history_checks__by_as_of"],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Sources deliver as they usually do, and grades have not changed beyond what a day can bring.",
)
def history_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    settings = home.settings
    tables = _tables(context, settings, history_tables)
    with plainly(context), connect(settings.warehouse, settings, read_only=True) as connection:
        lines = find_lines(connection)
    return judge_tables(context, "history", tables, settings.data_docs, lines, shows_warnings=True)


@dg.asset_check(
    asset="customer_grades",
    name="gate_published",
    additional_deps=[*(table for table in TABLES if table != "customer_grades"), "crm_records"],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="The tables keep their contract with BI, hold no identifier and market to no opted-out customer.",
)
def published_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    tables = _tables(context, home.settings, published_tables)
    return judge_tables(context, "published", tables, home.settings.data_docs, who_is_marketed_to(tables["outward"]))


def features_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    names = ("customer_features", "customer_purchase_features")
    tables = {name: f"marts.{name}" for name in names} | {"customer_rfm": "marts.customer_rfm__by_as_of"}
    return _read(connection, tables)


def scores_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    coverage = connection.execute(COVERAGE, [*GRADING, *GRADING]).df()
    return {
        **_read(connection, {"scores": "scoring.scores", "drift": "scoring.drift"}),
        "coverage": coverage.assign(missing=coverage["engaged"].where(coverage["trained"], 0) - coverage["scored"]),
    }


def history_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    return _read(connection, {"history_checks": CHECKS})


def published_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    published = _read(connection, {table: f"published.{table}" for table in TABLES})
    return {**published, "outward": count_marketing(connection, outward_tables(manifest()))}


def _read(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Tables by the suite's name. One that is not there is left out: the gate reports it as missing and fails."""
    built = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_catalog = current_database()"
    ).fetchall()
    there = {row[0] for row in built}
    return {name: connection.execute(f"SELECT * FROM {table}").df() for name, table in tables.items() if table in there}


def _tables(context: dg.AssetCheckExecutionContext, settings: Settings, read: Reader) -> Mapping[str, pd.DataFrame]:
    with plainly(context), connect(settings.warehouse, settings, read_only=True) as connection:
        assert_scope(connection, as_of_dates(context))
        return read(connection)
