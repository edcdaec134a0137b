"""Scores a day on Spark: the rows of a question in batches, by the Python of the executors."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from functools import cache, partial
from pathlib import Path

import duckdb
import pandas as pd

from models.errors import FeatureError
from models.judge.drift import Drift, DriftCounts
from models.learn.trained import TrainedModel
from models.score import SCORE_DTYPES, score
from models.store.champions import load
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value, literal
from pipelines.scoring.snapshots import POPULATION
from pipelines.spark.bridge import adopt
from pipelines.spark.errors import SparkMissing
from pipelines.spark.server import named_step, session

TIME = "datetime64[s]"
TYPES = {"object": "string", "int64": "bigint", "float64": "double", TIME: "timestamp_ntz"}
COUNTS = "drift_counts"
"""Column of the last row of a task: what it counted for the drift, as JSON. Null for probabilities."""
SCHEMA = ", ".join(f"{name} {TYPES[dtype]}" for name, dtype in SCORE_DTYPES.items()) + f", {COUNTS} string"
FEATURE_ERROR = re.compile(r"models\.errors\.FeatureError: (.*)")


def score_on_spark(
    connection: duckdb.DuckDBPyConnection, settings: Settings, model: TrainedModel, day: date
) -> tuple[int, Drift] | None:
    """Append the probabilities of a day to `scoring.scores`. Returns their number and the drift; None for no rows.

    The executors load the model from its files. Raises FeatureError as `score` does, SparkMissing and SparkGone.
    """
    from pyspark.errors import PythonException
    from pyspark.sql.functions import col

    folder = settings.spark_scored
    shutil.rmtree(folder, ignore_errors=True)
    spark = session(settings)
    with named_step(settings, "scoring"):
        adopt(spark, settings)
        population = spark.sql(POPULATION, args=[day, model.target, model.horizon_days])
        tasks = int(spark.conf.get("spark.sql.shuffle.partitions"))
        # Few rows would be one task otherwise. Python gets days as times, as from DuckDB.
        spread = population.repartition(tasks, "customer_key").withColumn("as_of", col("as_of").cast("timestamp_ntz"))
        score_batches = partial(_score_batches, settings.model_store, model.model_id, day)
        try:
            spread.mapInPandas(score_batches, SCHEMA).write.parquet(str(folder))
        except PythonException as error:
            raise _cause(error) from None
    found = f"read_parquet({literal(f'{folder}/*.parquet')})"
    counts = DriftCounts(model.card["drift"])
    for (counted,) in connection.execute(
        f"SELECT {COUNTS} FROM {found} WHERE {COUNTS} IS NOT NULL ORDER BY 1"
    ).fetchall():
        counts.add_json(counted)
    scored = f"SELECT * EXCLUDE ({COUNTS}) FROM {found} WHERE {COUNTS} IS NULL"
    rows = first_value(connection.execute(f"INSERT INTO scoring.scores BY NAME {scored}"))
    shutil.rmtree(folder)
    return (rows, counts.drift()) if rows else None


def _score_batches(store: Path, model_id: str, day: date, batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Return the probabilities of each batch, and last a row with the counts of all batches."""
    model = _loaded(store, model_id)
    counts = DriftCounts(model.card["drift"])
    for batch in batches:
        if len(batch):
            scored = score(model, batch, as_of=day)
            counts.add(batch, scored["probability"].to_numpy())
            yield scored.assign(**{COUNTS: None})
    nothing = {
        name: pd.Series([None], dtype=TIME if dtype == TIME else "object") for name, dtype in SCORE_DTYPES.items()
    }
    yield pd.DataFrame(nothing | {COUNTS: pd.Series([counts.to_json()], dtype="object")})


@cache
def _loaded(store: Path, model_id: str) -> TrainedModel:
    return load(store, model_id)


def _cause(error: Exception) -> Exception:
    """Return the error of the executors as one line, if its cause is known."""
    if found := FEATURE_ERROR.search(str(error)):
        return FeatureError(found[1])
    if "ModuleNotFoundError" in str(error):
        return SparkMissing(
            "expected Spark's executors to have tierhouse and its packages, a module is missing: set PYSPARK_PYTHON "
            "of the cluster to a Python with requirements-spark.lock and tierhouse (docs/scaling.md)"
        )
    return error
