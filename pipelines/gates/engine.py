"""The only module that runs Great Expectations. The library is imported on first use, because the import takes 3 s."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, cast

from pipelines.gates.counts import rule_position
from pipelines.gates.rules import Condition, Rule

if TYPE_CHECKING:
    import duckdb
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context import AbstractDataContext

    from pipelines.gates.database import DuckDBDatasource

SOURCE = "tierhouse"
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}
"""Great Expectations' result format with counts instead of values; `counts.py` removes the values that remain."""

_SEVERITIES = {"error": "critical", "warning": "warning"}


def open_context() -> AbstractDataContext:
    """Return a context in memory, without telemetry, progress bars or files."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


@contextmanager
def datasource(context: AbstractDataContext, connection: duckdb.DuckDBPyConnection) -> Generator[DuckDBDatasource]:
    """Give the datasource of a context, whose tables are queries on an open DuckDB connection."""
    from pipelines.gates.database import DuckDBDatasource

    source = context.data_sources.all().get(SOURCE)
    if not isinstance(source, DuckDBDatasource):
        source = context.data_sources.add_duckdb(SOURCE)
    source.open(connection)
    try:
        yield source
    finally:
        source.release()


def validate(
    source: DuckDBDatasource, table: str, rules: Sequence[Rule], query: str
) -> ExpectationSuiteValidationResult:
    """Check the rules of one table. `meta["rule"]` of each expectation is the position of its rule in `rules`.

    `query`: the rows, from the connection of the datasource.

    The results have another order than the rules. An exception of an expectation is part of its result and is not
    raised.
    """
    expectations = [_expectation(rule, position) for position, rule in enumerate(rules)]
    result = _validated(source, table, query, expectations)
    if len(expectations) > 1 and any(_has_exception(each) for each in result.results):
        # Rules share a query, and one of them made the query fail: check each of these alone.
        result.results = [
            _validated(source, table, query, [expectations[rule_position(each)]]).results[0]
            if _has_exception(each)
            else each
            for each in result.results
        ]
    return result


def _validated(
    source: DuckDBDatasource, table: str, query: str, expectations: Sequence[Any]
) -> ExpectationSuiteValidationResult:
    import great_expectations as gx

    if table in source.get_asset_names():
        source.delete_asset(table)
    batches = source.add_query_asset(table, query=query).add_batch_definition_whole_table("today")
    suite = gx.ExpectationSuite(table, expectations=list(expectations))
    result = batches.get_batch().validate(suite, result_format=dict(COUNTS_ONLY))
    # The declared type also covers the validation of a single expectation.
    return cast("ExpectationSuiteValidationResult", result)


def _has_exception(checked: ExpectationValidationResult) -> bool:
    info = checked.exception_info or {}
    return any(part.get("raised_exception") for part in (info, *info.values()) if isinstance(part, dict))


def _expectation(rule: Rule, position: int) -> Any:
    import great_expectations.expectations as gxe

    options = {name: _midnight(value) for name, value in rule.arguments.items()}
    if "column_A" in options:
        # With the default, a pair with one null fails.
        options["ignore_row_if"] = "either_value_is_missing"
    if rule.where:
        options["row_condition"] = _condition(rule.where)
    name = "".join(word.capitalize() for word in rule.expectation.split("_"))
    return getattr(gxe, name)(**options, severity=_SEVERITIES[rule.severity], notes=rule.why, meta={"rule": position})


def _midnight(value: Any) -> Any:
    """A date as the time at which it begins, because a column can have times; others unchanged."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min)
    return value


def _condition(condition: Condition) -> Any:
    from great_expectations.expectations.row_conditions import Column, ComparisonCondition, Operator

    return ComparisonCondition(
        column=Column(condition.column), operator=Operator(condition.operator), parameter=condition.value
    )
