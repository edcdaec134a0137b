"""The four gates as blocking asset checks. Each reads the tables that its suite names, and stands between two steps."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd

from pipelines.failures import plainly
from pipelines.gates.run import run_gate
from pipelines.ingest.batches import Batch, staged
from pipelines.ingest.staged import staged_frames
from pipelines.partitions import AS_OF, as_of_dates
from pipelines.publish.version import TABLES
from pipelines.resources import Home
from pipelines.settings import Settings
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect

Reader = Callable[[duckdb.DuckDBPyConnection], Mapping[str, pd.DataFrame]]

COVERAGE = """
SELECT
    features.as_of,
    count(*) FILTER (WHERE features.is_engaged AND features.is_dormancy_available) AS engaged,
    (
        SELECT count(DISTINCT scores.customer_key) FROM scoring.scores AS scores
        WHERE scores.as_of = features.as_of AND scores.target = 'dormancy'
    ) AS scored,
    bool_or(features.is_dormancy_available) AS dormancy_available
FROM marts.customer_features AS features
GROUP BY features.as_of
"""


@dg.asset_check(
    asset="staged_batches", name="gate_raw", blocking=True, description="Rows add up; no batch is over its bar."
)
def raw_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    settings = home.settings
    return _judge(context, "raw", staged_frames(settings), settings.data_docs, quarantined(staged(settings)))


@dg.asset_check(
    asset="customer_features",
    name="gate_features",
    additional_deps=["customer_rfm__by_as_of"],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Features and RFM of the day are complete and within what is possible.",
)
def features_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    return _judge(context, "features", _tables(context, home.settings, features_tables), home.settings.data_docs)


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
    return _judge(context, "features", tables, settings.data_docs / "training")


@dg.asset_check(
    asset="scores",
    name="gate_scores",
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Every engaged relationship has one score, and the scores are plausible.",
)
def scores_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    return _judge(context, "scores", _tables(context, home.settings, scores_tables), home.settings.data_docs)


@dg.asset_check(
    asset="customer_grades",
    name="gate_published",
    additional_deps=[table for table in TABLES if table != "customer_grades"],
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="The tables keep their contract with BI, and hold no direct identifier.",
)
def published_gate(context: dg.AssetCheckExecutionContext, home: Home) -> dg.AssetCheckResult:
    return _judge(context, "published", _tables(context, home.settings, published_tables), home.settings.data_docs)


def features_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    return _read(
        connection, {"customer_features": "marts.customer_features", "customer_rfm": "marts.customer_rfm__by_as_of"}
    )


def scores_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    coverage = connection.execute(COVERAGE).df()
    return {
        **_read(connection, {"scores": "scoring.scores", "drift": "scoring.drift"}),
        "coverage": coverage.assign(missing=coverage["engaged"] - coverage["scored"]),
    }


def published_tables(connection: duckdb.DuckDBPyConnection) -> Mapping[str, pd.DataFrame]:
    return _read(connection, {table: f"published.{table}" for table in TABLES})


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


def quarantined(batches: Sequence[Batch]) -> list[str]:
    """What stands behind a batch that is over its bar: file, count and rule, most rows first."""
    faults = [fault for one in batches if one.quarantined_share > one.quarantine_bar for fault in one.faults]
    faults.sort(key=lambda fault: (-fault.rows, fault.file, fault.entity, fault.rule, fault.field or ""))
    return [
        f"{fault.file}, {fault.entity}: quarantined by {fault.rule} of {fault.field or 'the line'}: {fault.rows:,}"
        for fault in faults
    ]


def _judge(
    context: dg.AssetCheckExecutionContext,
    gate: str,
    tables: Mapping[str, pd.DataFrame],
    docs: Path,
    behind: Sequence[str] = (),
) -> dg.AssetCheckResult:
    report = run_gate(gate, tables, docs_dir=docs)
    told = [*report.summary().splitlines(), *behind]
    for line in told:
        context.log.info(line)
    return dg.AssetCheckResult(
        passed=report.passed,
        severity=dg.AssetCheckSeverity.ERROR,
        description=";\n".join(told),
        metadata={
            "outcomes": dg.MetadataValue.md("\n".join([report.table(), *(f"- {line}" for line in behind)])),
            "data docs": dg.MetadataValue.path(str(docs / gate / "index.html")),
        },
    )
