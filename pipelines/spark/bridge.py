"""Tables that Spark and DuckDB share, as Parquet: `<home>/spark/warehouse/<schema>/<table>/`.

dbt-spark writes its tables there. The warehouse of DuckDB has a view on each of them, so every step of Python that
reads through DuckDB works with both engines. Tables that Python writes go the other way before dbt reads them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession


def folder_of(settings: Settings, relation: str) -> Path:
    """Return the folder of a table `schema.table`."""
    return settings.spark_tables.joinpath(*relation.split("."))


def clear(spark: SparkSession, settings: Settings, relations: Iterable[str]) -> None:
    """Drop tables of Spark with their files, also files that a killed run left."""
    relations = list(relations)
    for schema in {relation.split(".")[0] for relation in relations}:
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for relation in relations:
        spark.sql(f"DROP TABLE IF EXISTS {relation}")
        shutil.rmtree(folder_of(settings, relation), ignore_errors=True)


def tables(settings: Settings) -> list[str]:
    """Return the tables with files, as `schema.table`, also those that a killed run left."""
    return sorted(f"{folder.parent.name}.{folder.name}" for folder in settings.spark_tables.glob("*/*/"))


def adopt(spark: SparkSession, settings: Settings) -> None:
    """Register tables of earlier steps that the catalog of the server does not have, because the server is new."""
    written = [table for table in tables(settings) if any(folder_of(settings, table).glob("*.parquet"))]
    registered: set[str] = set()
    for schema in {table.split(".")[0] for table in written}:
        spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        registered |= {f"{schema}.{row.tableName}" for row in spark.sql(f"SHOW TABLES IN {schema}").collect()}
    for table in written:
        if table not in registered:
            _register(spark, settings, table)


def to_spark(
    connection: duckdb.DuckDBPyConnection, spark: SparkSession, settings: Settings, relations: Iterable[str]
) -> None:
    """Copy tables and views of the warehouse to Spark, replacing those of the same name."""
    relations = sorted(relations)
    clear(spark, settings, relations)
    for relation in relations:
        folder = folder_of(settings, relation)
        folder.mkdir(parents=True)
        file = literal(str(folder / "rows.parquet"))
        connection.execute(f"COPY (SELECT * FROM {relation}) TO {file} (FORMAT parquet)")
        _register(spark, settings, relation)


def _register(spark: SparkSession, settings: Settings, relation: str) -> None:
    location = str(folder_of(settings, relation)).replace("\\", "\\\\").replace("'", "\\'")
    spark.sql(f"CREATE TABLE {relation} USING parquet LOCATION '{location}'")


def to_duckdb(connection: duckdb.DuckDBPyConnection, settings: Settings, relations: Iterable[str]) -> None:
    """Create views in the warehouse on tables that Spark has written, replacing tables and views of the same name."""
    kinds = dict(
        connection.execute(
            "SELECT table_schema || '.' || table_name, table_type FROM information_schema.tables "
            "WHERE table_catalog = current_database()"
        ).fetchall()
    )
    for relation in relations:
        schema, table = relation.split(".")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        if kinds.get(relation) == "BASE TABLE":
            connection.execute(f"DROP TABLE {relation}")
        files = literal(f"{folder_of(settings, relation)}/*.parquet")
        connection.execute(
            f"CREATE OR REPLACE VIEW {schema}.{identifier(table)} AS "
            f"SELECT * FROM read_parquet({files}, hive_partitioning = false)"
        )


def leave(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Remove the views on tables of Spark and these tables, before DuckDB builds tables of the same names."""
    views = connection.execute(
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND contains(sql, ?)",
        [str(settings.spark_tables)],
    ).fetchall()
    for schema, view in views:
        connection.execute(f"DROP VIEW {schema}.{identifier(view)}")
    shutil.rmtree(settings.spark)
