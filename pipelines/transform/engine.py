"""Runs dbt for the warehouse of a day on the engine of the settings: DuckDB, or Spark beside DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.transform.dbt import SPARK, run_dbt
from pipelines.transform.graph import members, node, project

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult

BUILD = ("build", "--full-refresh", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
"""A test runs in the first set that has all of its inputs. Unit tests need no data and run in `make test`. Without
`--full-refresh`, a rules table with a new column does not fit the seed of yesterday's run."""

FIRST = "fqn:tierhouse.rules"
"""In the selection of the first set. A run of the whole set replaces all tables of Spark."""


def build(
    settings: Settings,
    select: str,
    planned: Sequence[str] | None,
    *,
    target: Path,
    built: Callable[[str, str], None],
    say: Callable[[str], None],
) -> Sequence[NodeResult]:
    """Run `dbt build` for a set of models. `planned`: the names of these nodes only. Raises as `run_dbt` does.

    With Spark, the warehouse of DuckDB has a view on each table that Spark has built. Raises also SparkMissing and
    SparkGone.
    """
    arguments = (*BUILD, "--select", *(planned or [select]))
    if settings.engine == "duckdb":
        return run_dbt(settings, settings.warehouse, *arguments, target=target, built=built)
    return _build_on_spark(settings, select, planned, arguments, target=target, built=built, say=say)


def _build_on_spark(
    settings: Settings,
    select: str,
    planned: Sequence[str] | None,
    arguments: Sequence[str],
    *,
    target: Path,
    built: Callable[[str, str], None],
    say: Callable[[str], None],
) -> Sequence[NodeResult]:
    from pipelines.spark.bridge import adopt, clear, tables, to_duckdb, to_spark
    from pipelines.spark.server import gone, is_gone, session

    relations = {node(each)["name"]: f"{node(each)['schema']}.{node(each)['name']}" for each in members(select)}
    made: list[str] = []

    def keep(name: str, relation: str) -> None:
        made.append(relation)
        built(name, relation)

    try:
        spark = session(settings, say)
        if planned is None and FIRST in select.split():
            clear(spark, settings, tables(settings))
        else:
            adopt(spark, settings)
            clear(spark, settings, [relations[name] for name in planned or relations])
        with connect(settings.warehouse, settings) as connection:
            to_spark(connection, spark, settings, sources_of(select))
        return run_dbt(settings, settings.warehouse, *arguments, "--fail-fast", target=target, built=keep, engine=SPARK)
    except Exception:
        if is_gone(settings):
            raise gone(settings, f"dbt of {target.name}") from None
        raise
    finally:
        with connect(settings.warehouse, settings) as connection:
            to_duckdb(connection, settings, made)


def sources_of(select: str) -> list[str]:
    """Return the tables of Python that the models of a selection read, as `schema.table`."""
    parents = {parent for each in members(select) for parent in project()["parent_map"][each]}
    tables = [node(parent) for parent in sorted(parents) if parent.startswith("source.")]
    return [f"{table['schema']}.{table['name']}" for table in tables]
