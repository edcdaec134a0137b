"""The only module that runs Great Expectations. The library is imported on first use, because the import takes 3 s."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, cast

from pipelines.gates.rules import Condition, Rule

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext

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


def validate(
    context: AbstractDataContext, table: str, rules: Sequence[Rule], frame: pd.DataFrame
) -> ExpectationSuiteValidationResult:
    """Check the rules of one table. `meta["rule"]` of each expectation is the position of its rule in `rules`.

    The results have another order than the rules. An exception of an expectation is part of its result and is not
    raised.
    """
    import great_expectations as gx

    source = context.data_sources.add_or_update_pandas("tierhouse")
    batches = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("today")
    suite = gx.ExpectationSuite(
        table, expectations=[_expectation(rule, position) for position, rule in enumerate(rules)]
    )
    added = context.suites.add_or_update(suite)
    result = batches.get_batch({"dataframe": frame}).validate(added, result_format=dict(COUNTS_ONLY))
    # The declared type also covers the validation of a single expectation.
    return cast("ExpectationSuiteValidationResult", result)


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
    """A date as the time at which it begins, because pandas does not compare times with dates; others unchanged."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min)
    return value


def _condition(condition: Condition) -> Any:
    from great_expectations.expectations.row_conditions import Column, ComparisonCondition, Operator

    return ComparisonCondition(
        column=Column(condition.column), operator=Operator(condition.operator), parameter=condition.value
    )
