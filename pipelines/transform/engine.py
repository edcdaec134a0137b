"""Builds the dbt models of a day on the engine of the settings: DuckDB, or Spark beside DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.transform.dbt import SPARK, run_dbt
from pipelines.transform.graph import node, project

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult

BUILD = ("build", "--full-refresh", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
"""A test runs in the first set that has all of its inputs. Unit tests need no data and run in `make test`. Without
`--full-refresh`, a rules table with a new column does not fit the seed of yesterday's run."""


def build_models(
    settings: Settings,
    arguments: Sequence[str],
    within: Collection[str],
    *,
    target: Path,
    built: Callable[[str, str], None],
) -> list[NodeResult]:
    """Run `dbt build`. `arguments`: of dbt. `within`: unique ids of the models and seeds of the set.

    With Spark, the warehouse of DuckDB gets a view on each table that Spark has built. Raises as `run_dbt` does, and
    SparkMissing and SparkGone.
    """
    if settings.engine == "duckdb":
        if settings.spark.exists():
            _leave_spark(settings)
        return run_dbt(settings, settings.warehouse, *arguments, target=target, built=built)
    from pipelines.spark.bridge import adopt, clear, tables, to_duckdb, to_spark
    from pipelines.spark.server import gone, is_gone, session

    names = {node(each)["name"] for each in within} & set(arguments)
    picked = [each for each in within if not names or node(each)["name"] in names]
    made: list[str] = []

    def keep(name: str, relation: str) -> None:
        made.append(relation)
        built(name, relation)

    try:
        spark = session(settings)
        if not names and any(each.startswith("seed.") for each in within):
            # The whole first set: the day begins, and every table is built again.
            clear(spark, settings, tables(settings))
        else:
            adopt(spark, settings)
            clear(spark, settings, map(relation_of, picked))
        with connect(settings.warehouse, settings) as connection:
            to_spark(connection, spark, settings, sources_of(picked))
        return run_dbt(settings, settings.warehouse, *arguments, target=target, built=keep, engine=SPARK)
    except Exception:
        if is_gone(settings):
            raise gone(settings, target.name) from None
        raise
    finally:
        with connect(settings.warehouse, settings) as connection:
            to_duckdb(connection, settings, made)


def _leave_spark(settings: Settings) -> None:
    """Clean up after runs with Spark: the warehouse is DuckDB's alone again."""
    from pipelines.spark.bridge import leave

    with connect(settings.warehouse, settings) as connection:
        leave(connection, settings)


def sources_of(models: Collection[str]) -> list[str]:
    """Return the tables of Python that these models read, as `schema.table`."""
    parents = {parent for each in models for parent in project()["parent_map"][each]}
    return [relation_of(parent) for parent in sorted(parents) if parent.startswith("source.")]


def relation_of(unique_id: str) -> str:
    return f"{node(unique_id)['schema']}.{node(unique_id)['name']}"
