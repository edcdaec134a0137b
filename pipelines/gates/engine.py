"""Great Expectations behind one door: it is imported here, on first use (3 s), silent and without telemetry."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from pipelines.gates.rules import Condition, Rule

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext

COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}
"""Great Expectations' result format with counts and no value; `counts.py` strips what is left."""

_SEVERITIES = {"error": "critical", "warning": "warning"}


def open_context() -> AbstractDataContext:
    """A context in memory: no telemetry, no progress bars, no files."""
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
    """Great Expectations' own result for one table; `meta["rule"]` of each expectation is its place in `rules`.

    Results come in another order than the rules, and carry exceptions in place of raising them.
    """
    import great_expectations as gx

    source = context.data_sources.add_or_update_pandas("tierhouse")
    batches = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("today")
    suite = gx.ExpectationSuite(table, expectations=[_expectation(rule, place) for place, rule in enumerate(rules)])
    kept = context.suites.add_or_update(suite)
    return batches.get_batch({"dataframe": frame}).validate(kept, result_format=dict(COUNTS_ONLY))


def _expectation(rule: Rule, place: int) -> Any:
    import great_expectations.expectations as gxe

    options = {name: _plain(value) for name, value in rule.arguments.items()}
    if "column_A" in options:
        # The default compares a value with a null and calls it a failure.
        options["ignore_row_if"] = "either_value_is_missing"
    if rule.where:
        options["row_condition"] = _condition(rule.where)
    name = "".join(word.capitalize() for word in rule.expectation.split("_"))
    return getattr(gxe, name)(**options, severity=_SEVERITIES[rule.severity], notes=rule.why, meta={"rule": place})


def _plain(value: Any) -> Any:
    """A date as the midnight that begins it: pandas compares times with nothing less."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time.min)
    return value


def _condition(condition: Condition) -> Any:
    from great_expectations.expectations.row_conditions import Column, ComparisonCondition, Operator

    return ComparisonCondition(
        column=Column(condition.column), operator=Operator(condition.operator), parameter=condition.value
    )
