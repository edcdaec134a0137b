"""Rows of the training warehouse that models learn from.

No Dagster and no dbt here: each training process imports this module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

from pipelines.home.settings import Settings
from pipelines.home.sql import first_row
from pipelines.home.warehouse import connect
from pipelines.scoring.days import NEEDS, first_days, question_days

VECTOR = 2_048
"""Rows of a vector of DuckDB."""

FEATURES = (
    "(SELECT * FROM core.customer_features LEFT JOIN core.customer_purchase_features USING (customer_key, as_of))"
)
"""Features of all customers. Columns of purchases are null for customers without a purchase."""

POPULATION = (
    f"SELECT features.* FROM {FEATURES} AS features "
    "INNER JOIN core.target_labels AS labels "
    "ON features.customer_key = labels.customer_key AND features.as_of = labels.as_of "
    "WHERE features.as_of = ? AND labels.target = ? AND labels.horizon_days = ?"
)
"""Features of the population of a question on a day, for DuckDB and Spark: the customers with a label."""


@dataclass(frozen=True)
class Sample:
    """Numbers of customers: whose history a training built, and known to the home."""

    customers: int
    all_customers: int


def write_sample(connection: duckdb.DuckDBPyConnection, sample: Sample) -> None:
    """Write the numbers to the training warehouse."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS scoring")
    connection.execute(
        "CREATE OR REPLACE TABLE scoring.sample AS SELECT ?::BIGINT AS customers, ?::BIGINT AS all_customers",
        [sample.customers, sample.all_customers],
    )


def read_sample(settings: Settings) -> Sample:
    """Return the numbers of the last build of snapshots."""
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        return Sample(*first_row(connection.execute("SELECT customers, all_customers FROM scoring.sample")))


def read_snapshots(settings: Settings, trained_through: date, target: str, horizon_days: int) -> pd.DataFrame:
    """Return features, `trigger_count` and `label` of the population of a target, for one horizon.

    Grain: customer_key × as_of, on the days that the target learns from. The warehouse also has days of other targets.
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


def read_population(
    connection: duckdb.DuckDBPyConnection, target: str, horizon_days: int, as_of: date, *, rows: int
) -> Iterator[pd.DataFrame]:
    """Return the features of the population of a question in the order of customer_key, about `rows` at a time.

    The population are the customers with a label; on the last day of the warehouse the labels are null. No batch is
    empty.
    """
    # A connection of its own: the caller writes between two batches.
    reading = connection.cursor()
    reading.execute(f"{POPULATION} ORDER BY features.customer_key", [as_of, target, horizon_days])
    while len(batch := reading.fetch_df_chunk(max(1, rows // VECTOR))):
        yield batch
    reading.close()


def warning_cuts(settings: Settings) -> list[float]:
    """Return the lower bounds of the warning levels, in probability, without the lowest level."""
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        rows = connection.execute(
            "SELECT min_probability::DOUBLE FROM rules.warning_levels WHERE min_probability > 0 ORDER BY 1"
        ).fetchall()
    return [row[0] for row in rows]


def data_hash(snapshots: pd.DataFrame) -> str:
    """Return twelve hex digits of the content of the snapshots: the same data gives the same model id."""
    hashes = pd.util.hash_pandas_object(snapshots, index=False).to_numpy()
    return hashlib.sha256(hashes.tobytes()).hexdigest()[:12]
