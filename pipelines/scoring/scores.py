"""Scores of the run's days, and the report of the model that made them, as tables that dbt reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from models.champions import champion
from models.evaluate import EVERYONE
from models.score import SCORE_DTYPES, score

SCORES = """CREATE OR REPLACE TABLE scoring.scores AS SELECT
    target::VARCHAR AS target, customer_key::VARCHAR AS customer_key, as_of::DATE AS as_of,
    horizon_days::INTEGER AS horizon_days, model_version::VARCHAR AS model_version, probability::DOUBLE AS probability,
    reason_1::VARCHAR AS reason_1, reason_2::VARCHAR AS reason_2, reason_3::VARCHAR AS reason_3,
    reason_1_zh::VARCHAR AS reason_1_zh, reason_2_zh::VARCHAR AS reason_2_zh, reason_3_zh::VARCHAR AS reason_3_zh,
    contribution_1::DOUBLE AS contribution_1, contribution_2::DOUBLE AS contribution_2,
    contribution_3::DOUBLE AS contribution_3
FROM incoming"""

REPORT = """CREATE OR REPLACE TABLE scoring.model_report AS SELECT
    model_version::VARCHAR AS model_version, target::VARCHAR AS target, model::VARCHAR AS model,
    metric::VARCHAR AS metric, snapshot::DATE AS snapshot, value::DOUBLE AS value, low::DOUBLE AS low,
    high::DOUBLE AS high, bar::DOUBLE AS bar, passed::BOOLEAN AS passed
FROM incoming"""

NOT_AVAILABLE = "not_available"
TARGET, HORIZON_DAYS = "dormancy", 90


def is_dormancy_available(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether any source can tell interactions; without them nobody can be said to have gone quiet."""
    row = connection.execute("SELECT coalesce(bool_or(interactions), false) FROM landing.sources").fetchone()
    return bool(row and row[0])


def score_days(
    connection: duckdb.DuckDBPyConnection, store: Path, days: Sequence[date]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of all days (target × customer × as_of × horizon), and the report of the last day's champion.

    Raises what `models.champions.champion` raises for a day that no model may score.
    """
    if not is_dormancy_available(connection):
        empty = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in SCORE_DTYPES.items()})
        status = {"model_version": NOT_AVAILABLE, "target": TARGET, "model": NOT_AVAILABLE, "metric": "available"}
        return empty, pd.DataFrame(
            [
                {
                    **status,
                    "snapshot": pd.Timestamp(days[-1]),
                    "value": 0.0,
                    "low": None,
                    "high": None,
                    "bar": None,
                    "passed": None,
                }
            ]
        )
    scores = []
    for day in days:
        features = connection.execute(
            "SELECT * FROM marts.customer_features WHERE as_of = ? AND is_engaged AND is_dormancy_available", [day]
        ).df()
        scores.append(score(champion(store, TARGET, HORIZON_DAYS, day), features, as_of=day))
    report = champion(store, TARGET, HORIZON_DAYS, days[-1]).report
    return pd.concat(scores, ignore_index=True), report[report["segment"] == EVERYONE]


def write_scores(connection: duckdb.DuckDBPyConnection, scores: pd.DataFrame, report: pd.DataFrame) -> None:
    """Replace `scoring.scores` and `scoring.model_report`."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS scoring")
    for statement, frame in ((SCORES, scores), (REPORT, report)):
        connection.register("incoming", frame)
        connection.execute(statement)
        connection.unregister("incoming")
