"""The gates `training` and `scores`: check the snapshots before training and the probabilities of the day."""

from typing import Any

import dagster as dg
import duckdb

from models.features.targets import GRADING
from pipelines.gates.asset_check import blocking, check_gate
from pipelines.history.messages import SILENCE, find_lines
from pipelines.home.warehouse import connect
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.partitions import AS_OF
from pipelines.orchestration.resources import Home
from pipelines.transform.checks import features_tables
from pipelines.transform.gate_tables import queries, warehouse_of_run

TARGET, HORIZON_DAYS = GRADING
COVERAGE = f"""
SELECT *, CASE WHEN trained THEN engaged ELSE 0 END - scored AS missing
FROM (
    SELECT
        features.as_of,
        count(*) FILTER (WHERE features.is_engaged AND features.is_dormancy_available) AS engaged,
        any_value(champions.model_version) IS NOT NULL AS trained,
        (
            SELECT count(DISTINCT scores.customer_key) FROM scoring.scores AS scores
            WHERE scores.as_of = features.as_of AND scores.target = '{TARGET}' AND scores.horizon_days = {HORIZON_DAYS}
        ) AS scored,
        bool_or(features.is_dormancy_available) AS dormancy_available
    FROM core.customer_features AS features
    LEFT JOIN scoring.champions AS champions
        ON
            features.as_of = champions.as_of
            AND champions.target = '{TARGET}'
            AND champions.horizon_days = {HORIZON_DAYS}
    GROUP BY features.as_of
)
"""
"""By as_of: customers in the population of the question that grades, and customers with a probability."""


@dg.asset_check(
    asset="training_snapshots",
    name="gate_training",
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Features at the month-ends pass the checks of the daily features.",
)
def training_gate(context: dg.AssetCheckExecutionContext, home: Home) -> Any:
    settings = home.settings
    with errors_as_failures(context), connect(settings.training_warehouse, settings, read_only=True) as connection:
        result = check_gate(
            context, "features", connection, features_tables(connection), settings.data_docs / "training"
        )
    yield from blocking(result)


@dg.asset_check(
    asset="scores",
    name="gate_scores",
    partitions_def=AS_OF,
    blocking=True,
    pool="warehouse",
    description="Every engaged customer has one probability, and the probabilities are plausible.",
)
def scores_gate(context: dg.AssetCheckExecutionContext, home: Home) -> Any:
    settings = home.settings
    with warehouse_of_run(context, settings) as warehouse:
        silent = find_lines(warehouse, SILENCE)
        result = check_gate(context, "scores", warehouse, scores_tables(warehouse), settings.data_docs, silent)
    yield from blocking(result)


def scores_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return {**queries(connection, {"scores": "scoring.scores", "drift": "scoring.drift"}), "coverage": COVERAGE}
