"""Some models of the dbt project, compiled once and then run in DuckDB as often as a property asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.contracts.graph.nodes import ManifestNode

from pipelines.home.places import WAREHOUSE
from pipelines.home.settings import DBT_PROJECT
from pipelines.ingest.contract import ENTITIES
from tests.integration.dbt.warehouse import HANDED_OVER, dbt, landed_columns

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Table that Python hands to dbt → its rows; a table that is not named is empty."""


class Compiled:
    """The SQL of the models and of all that they read, rules included, in a database in memory."""

    def __init__(self, artefacts: Path, *models: str) -> None:
        """Raises DbtFailed if it does not compile."""
        wanted = [f"+{model},resource_type:{kind}" for model in models for kind in ("model", "seed")]
        results = dbt(
            artefacts / WAREHOUSE, artefacts, "--quiet", "compile", "--no-introspect", "--select", *wanted
        )  # fmt: skip
        nodes = {result.node.unique_id: result.node for result in results}
        self.connection = duckdb.connect()
        self.connection.execute("ATTACH ':memory:' AS warehouse")
        self.connection.execute("USE warehouse")
        self.connection.execute("SET threads = 1")
        for table, columns in _handed_over().items():
            self._create("TABLE", table, f"({columns})")
        self._tables = [made for name in _in_order(nodes, models) for made in [self._make(nodes[name])] if made]

    def run(self, rows: Rows) -> None:
        """Build every model anew from these rows."""
        for table in _handed_over():
            self.connection.execute(f"DELETE FROM {table}")
            if found := rows.get(table):
                self.connection.register("incoming", pa.Table.from_pylist(_even(found)))
                self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
                self.connection.unregister("incoming")
        self._build()

    def run_on(self, file: Path) -> None:
        """Build every model anew from what a DuckDB file holds of the tables that Python hands to dbt."""
        self.connection.execute(f"ATTACH '{file}' AS given (READ_ONLY)")
        there = self.connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_catalog = 'given'"
        ).fetchall()
        for table in _handed_over():
            self.connection.execute(f"DELETE FROM {table}")
            if (table,) in there:
                self.connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given.{table}")
        self.connection.execute("DETACH given")
        self._build()

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query on what the latest run has built."""
        return self.connection.execute(sql).to_arrow_table().to_pylist()

    def _build(self) -> None:
        for relation, sql in self._tables:
            self.connection.execute(f"CREATE OR REPLACE TABLE {relation} AS {sql}")

    def _make(self, node: ManifestNode) -> tuple[str, str] | None:
        """A seed or a view is made for good; what has to be built in each run is returned."""
        relation = f"{node.schema}.{node.name}"
        if node.resource_type == "seed":
            path = DBT_PROJECT / node.original_file_path
            types = ", ".join(f"'{column}': '{kind}'" for column, kind in node.config.column_types.items())
            self._create("TABLE", relation, f"AS SELECT * FROM read_csv('{path}', types = {{{types}}})")
            return None
        if node.config.materialized == "view":
            self._create("VIEW", relation, f"AS {node.compiled_code}")
            return None
        # Views over it bind to its columns before the first run.
        self._create("TABLE", relation, f"AS {node.compiled_code}")
        return relation, node.compiled_code

    def _create(self, kind: str, relation: str, body: str) -> None:
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {relation.partition('.')[0]}")
        self.connection.execute(f"CREATE {kind} {relation} {body}")


def _handed_over() -> dict[str, str]:
    return HANDED_OVER | {f"landing.{entity}": landed_columns(entity) for entity in ENTITIES}


def _even(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """All rows with all columns: Arrow takes the columns of the first row for those of the table."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in columns} for row in rows]


def _in_order(nodes: Mapping[str, ManifestNode], models: Sequence[str]) -> list[str]:
    """The models and all that they read, each after what it reads."""
    graph: dict[str, list[str]] = {}
    waiting = [f"model.tierhouse.{model}" for model in models]
    while waiting:
        name = waiting.pop()
        if name not in graph:
            graph[name] = sorted(other for other in nodes[name].depends_on_nodes if other in nodes)
            waiting += graph[name]
    return list(TopologicalSorter(graph).static_order())
