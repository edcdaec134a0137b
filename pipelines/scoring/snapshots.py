"""What models learn from: rows of the training warehouse. No Dagster, no dbt: each training process imports it."""

from __future__ import annotations

import hashlib
from datetime import date

import pandas as pd

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.scoring.days import NEEDS, first_days, question_days

FEATURES = (
    "(SELECT * FROM core.customer_features LEFT JOIN core.customer_purchase_features USING (customer_key, as_of))"
)
"""Everybody's columns, those of purchases null for who has none."""


def read_snapshots(settings: Settings, trained_through: date, target: str, horizon_days: int) -> pd.DataFrame:
    """Features, `trigger_count` and `label` of a target's population on the days it learns from, for one horizon.

    Grain: customer_key × as_of. Days of before the data that the target needs began are those of other targets.
    """
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        days = question_days(NEEDS[target], first_days(connection, settings, trained_through), trained_through)
        return connection.execute(
            "SELECT features.*, triggers.trigger_count, labels.horizon_days, labels.label "
            f"FROM {FEATURES} AS features "
            "INNER JOIN core.customer_triggers AS triggers USING (customer_key, as_of) "
            "INNER JOIN core.target_labels AS labels USING (customer_key, as_of) "
            "WHERE features.as_of IN (SELECT unnest(?::DATE[])) AND labels.target = ? AND labels.horizon_days = ? "
            "ORDER BY customer_key, as_of",
            [days, target, horizon_days],
        ).df()


def warning_cuts(settings: Settings) -> list[float]:
    """Lower bounds of the warning levels above the lowest, in probability."""
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        found = connection.execute(
            "SELECT min_probability::DOUBLE FROM rules.warning_levels WHERE min_probability > 0 ORDER BY 1"
        ).fetchall()
    return [row[0] for row in found]


def data_hash(snapshots: pd.DataFrame) -> str:
    """Twelve hex digits of the snapshots' content: the same data gives the same model id."""
    hashes = pd.util.hash_pandas_object(snapshots, index=False).to_numpy()
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:12]
