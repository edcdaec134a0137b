"""Finds the components of linked records on Spark. Spark gets numbers only: no key, name or contact."""

from __future__ import annotations

import shutil
from itertools import count as numbers

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import literal
from pipelines.identity.groups import write_groups
from pipelines.spark.server import named_step, session

GIVEN = {
    "linked": "SELECT link, record_a, record_b, first_day, end_day FROM linked",
    "separated": "SELECT record_a, record_b, first_day, end_day FROM separated",
}
FOUND = ("groups", "slices", "edges", "labels")


def write_groups_on_spark(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the temporary tables of `write_groups`. Needs `linked` and `separated`.

    Each query writes a folder of its own: the next one reads it, in place of computing again all queries before it.
    Raises SparkMissing and SparkGone.
    """
    shutil.rmtree(settings.spark_identity, ignore_errors=True)
    try:
        written = _write_groups(connection, settings)
        for name in FOUND:
            files = literal(f"{written[name]}/*.parquet")
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM read_parquet({files})")
    finally:
        shutil.rmtree(settings.spark_identity, ignore_errors=True)


def _write_groups(connection: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, str]:
    """Run `write_groups` on Spark. Returns the folders of all tables."""
    spark = session(settings)
    folders = (settings.spark_identity / str(number) for number in numbers())
    written: dict[str, str] = {}

    def read(name: str, folder: str) -> None:
        spark.read.parquet(folder).createOrReplaceTempView(name)
        written[name] = folder

    def write(name: str, query: str) -> None:
        folder = str(next(folders))
        spark.sql(query).write.parquet(folder)
        read(name, folder)

    def count(query: str) -> int:
        return spark.sql(query).collect()[0][0]

    with named_step(settings, "identity"):
        for name, query in GIVEN.items():
            folder = next(folders)
            folder.mkdir(parents=True)
            file = literal(str(folder / "rows.parquet"))
            connection.execute(f"COPY ({query}) TO {file} (FORMAT parquet)")
            read(name, str(folder))
        write_groups(write, count, sample=None)
        # dbt lists the temporary views of its session among the tables of each schema.
        for name in written:
            spark.catalog.dropTempView(name)
    return written
