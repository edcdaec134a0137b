"""Identity and scoring on Spark give the tables of DuckDB."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from datetime import date
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from models.errors import FeatureError
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.identity.customers import write_customers
from pipelines.ingest import landing
from pipelines.spark import server
from pipelines.spark.bridge import to_spark
from pipelines.spark.errors import SparkGone
from tests.home import LAST_DAY, copy_home

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed: make spark-test"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
]
DAYS = [date(2026, 3, 31), date.fromisoformat(LAST_DAY)]
FEATURES = ("core.customer_features", "core.customer_purchase_features", "core.target_labels")


@pytest.fixture(scope="module")
def settings(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    copied = copy_home(demo, tmp_path_factory.mktemp("steps") / "home")
    chosen = Settings(home=copied, engine="spark")
    yield chosen
    server.stop(chosen)


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(settings.warehouse, settings) as opened:
        yield opened


def test_identity_is_equal(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    landing.register(connection, settings)
    tables = ["holders", "key_spans", "merged"]
    tables += [f"identity.{name}" for name in ("customer_records", "contact_records", "contact_checks", "customers")]
    found, rows = [], []
    for each in (settings.model_copy(update={"engine": "duckdb"}), settings):
        found.append(write_customers(connection, each, DAYS, directory=False))
        rows.append({table: connection.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in tables})
    assert found[0] == found[1]
    assert found[0].customers < found[0].records
    assert all(rows[0][table] for table in ("key_spans", "merged", "identity.customer_records"))
    assert rows[0] == rows[1]
    assert not settings.spark_identity.exists()


def test_scores_are_equal(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    from pipelines.scoring.on_spark import score_on_spark
    from pipelines.scoring.scores import score_days

    to_spark(connection, server.session(settings), settings, FEATURES)
    results, rows = [], []
    for score_day in (None, partial(score_on_spark, connection, settings)):
        results.append(score_days(connection, settings.model_store, DAYS[-1:], print, score_day))
        rows.append(connection.execute("SELECT * FROM scoring.scores ORDER BY ALL").fetchall())
    assert len(rows[0]) == results[0].rows > 500
    assert rows[0] == rows[1]
    for name in ("champions", "drift", "report"):
        pd.testing.assert_frame_equal(getattr(results[0], name), getattr(results[1], name))


def test_missing_feature_is_the_error_of_duckdb(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    from models.store.champions import champion
    from pipelines.scoring.on_spark import score_on_spark

    model = champion(settings.model_store, "dormancy", 90, DAYS[-1])
    feature = model.scorer.features[0].name
    connection.execute("CREATE OR REPLACE TABLE core.customer_features AS SELECT * EXCLUDE "
                       f"({feature}) FROM core.customer_features")  # fmt: skip
    to_spark(connection, server.session(settings), settings, FEATURES)
    with pytest.raises(FeatureError, match=rf"^features of {LAST_DAY}: expected column\(s\) {feature}, found "):
        score_on_spark(connection, settings, model, DAYS[-1])


def test_server_that_ends_is_one_line_and_the_next_step_starts_another(settings: Settings) -> None:
    spark = server.session(settings)
    own = server._SERVERS[settings.home].own
    assert own is not None
    expected = "ended during scoring; nothing is published"
    with pytest.raises(SparkGone, match=expected), server.named_step(settings, "scoring"):
        os.killpg(own.pid, signal.SIGKILL)
        own.wait()
        spark.sql("SELECT 1").collect()
    assert server.session(settings).sql("SELECT 1").collect()[0][0] == 1
