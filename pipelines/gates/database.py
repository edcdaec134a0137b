"""Great Expectations on DuckDB: its SQL engine with one kept connection, without values of rows, and with regexes.

Import this module only where a gate runs: the import of Great Expectations takes 3 s.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Literal

import duckdb
import duckdb_engine
import sqlalchemy as sa
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    column_condition_partial,
)
from great_expectations.validator.metric_configuration import MetricConfiguration
from sqlalchemy.pool import StaticPool

from pipelines.gates.contacts import CONTACT_FUNCTIONS, register_contact_functions

_VALUES = (
    "unexpected_values",
    "unexpected_rows",
    "unexpected_value_counts",
    "unexpected_index_list",
    "unexpected_index_query",
)


class KeptConnection(duckdb_engine.ConnectionWrapper):
    """A connection that its caller closes, without transactions: a failed query does not spoil the next one."""

    def close(self) -> None:
        """Leave the connection open."""

    def begin(self) -> None:
        """Begin no transaction."""

    def commit(self) -> None:
        """Do nothing: each query is a transaction of its own."""

    def rollback(self) -> None:
        """Do nothing: each query is a transaction of its own."""


class DuckDBEngine(SqlAlchemyExecutionEngine):
    """The SQL engine on one open DuckDB connection.

    Great Expectations closes a connection before it reads the result, unless it knows the dialect; the result of DuckDB
    is gone then. The metrics that fetch values of rows are answered with an empty list: a gate counts.
    """

    @contextmanager
    def get_connection(self) -> Generator[sa.Connection]:
        if self._connection is None:
            self._connection = self.engine.connect()
        yield self._connection

    def resolve_metrics(
        self,
        metrics_to_resolve: Iterable[MetricConfiguration],
        metrics: Any = None,
        runtime_configuration: dict[str, Any] | None = None,
    ) -> dict[Any, Any]:
        wanted = list(metrics_to_resolve)
        of_values = [metric for metric in wanted if metric.metric_name.rsplit(".", 1)[-1] in _VALUES]
        counts = [metric for metric in wanted if metric not in of_values]
        resolved = super().resolve_metrics(counts, metrics, runtime_configuration) if counts else {}
        return {**resolved, **{metric.id: [] for metric in of_values}}


class DuckDBDatasource(SQLDatasource):
    """A datasource whose engine is set, because an open connection cannot be written as configuration."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    connection_string: str = "duckdb:///:memory:"

    def test_connection(self, test_assets: bool = True) -> None:
        """Skip the test: the connection is open."""

    def open(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Use an open DuckDB connection for all tables of the datasource."""
        register_contact_functions(connection)
        self._engine = sa.create_engine(
            "duckdb:///:memory:",
            creator=lambda: KeptConnection(connection),
            poolclass=StaticPool,
        )
        self._execution_engine = DuckDBEngine(engine=self._engine, create_temp_table=False)

    def release(self) -> None:
        """Let go of the connection, which its caller closes."""
        engine = _set(self._execution_engine)
        if engine._connection is not None:
            engine._connection.close()
        engine.close()

    def get_engine(self) -> sa.Engine:
        return _set(self._engine)

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        return _set(self._execution_engine)


def _set(engine: Any) -> Any:
    if engine is None:
        raise RuntimeError("expected an open datasource, found one without a connection")
    return engine


def _matches(column: Any, regex: str) -> Any:
    """Return the condition that a text matches a pattern somewhere."""
    if function := CONTACT_FUNCTIONS.get(regex):
        return getattr(sa.func, function)(column)
    return sa.func.regexp_matches(column, regex)


class MatchesRegex(ColumnMapMetricProvider):
    """Rows whose text matches a regular expression somewhere."""

    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:  # noqa: N805 - the decorator makes a class method
        return _matches(column, regex)


class DoesNotMatchRegex(ColumnMapMetricProvider):
    """Rows whose text matches a regular expression nowhere."""

    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBEngine)
    def _duckdb(cls, column: Any, regex: str, **_: Any) -> Any:  # noqa: N805 - the decorator makes a class method
        return sa.not_(_matches(column, regex))
