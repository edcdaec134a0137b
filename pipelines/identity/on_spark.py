"""Groups records into customers on Spark: the queries of `resolve.py` without phones and e-mails."""

from __future__ import annotations

import secrets
import shutil
from itertools import count as numbers

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import literal
from pipelines.identity.resolve import EXTENSION, write_holders, write_merged
from pipelines.spark.server import named_step, session

HIDDEN = f"""
    sha256({{salt}} || split_part(key, '{EXTENSION}', 1))
    || CASE WHEN contains(key, '{EXTENSION}') THEN '{EXTENSION}' || sha256({{salt}} || key) ELSE '' END
"""
"""Stands for a phone or e-mail on Spark; equal for equal ones. The salt is never written, so nobody can compute it."""

SHOWN = """
    SELECT key_spans.* REPLACE (held.key AS key)
    FROM read_parquet({files}) AS key_spans
    JOIN (SELECT DISTINCT kind, key, {hidden} AS hidden FROM holders) AS held ON
        key_spans.kind = held.kind
        AND key_spans.key = held.hidden
"""


def resolve_on_spark(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write the temporary tables `holders`, `key_spans` and `merged` as `resolve` does. Needs `versions` and `stated`.

    Each query writes a folder of its own: the next one reads it, in place of computing again all queries before it.
    Raises SparkMissing and SparkGone.
    """
    hidden = HIDDEN.format(salt=literal(secrets.token_hex(16)))
    write_holders(connection)
    shutil.rmtree(settings.spark_identity, ignore_errors=True)
    try:
        written = _merge(
            connection,
            settings,
            {
                "holders": f"SELECT record, kind, {hidden} AS key, first_day, end_day FROM holders",
                "switchboards": f"SELECT {hidden} AS number FROM (SELECT number AS key FROM switchboards)",
            },
        )
        files = {name: literal(f"{folder}/*.parquet") for name, folder in written.items()}
        shown = SHOWN.format(files=files["key_spans"], hidden=hidden)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE key_spans AS {shown}")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE merged AS SELECT * FROM read_parquet({files['merged']})")
    finally:
        shutil.rmtree(settings.spark_identity, ignore_errors=True)


def _merge(connection: duckdb.DuckDBPyConnection, settings: Settings, given: dict[str, str]) -> dict[str, str]:
    """Run `write_merged` on Spark. `given`: queries of DuckDB by table. Returns the folders of all tables."""
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
        for name, query in given.items():
            folder = next(folders)
            folder.mkdir(parents=True)
            file = literal(str(folder / "rows.parquet"))
            connection.execute(f"COPY ({query}) TO {file} (FORMAT parquet)")
            read(name, str(folder))
        write_merged(write, count, settings.shared_key_limit, sample=None)
        # dbt lists the temporary views of its session among the tables of each schema.
        for name in written:
            spark.catalog.dropTempView(name)
    return written
