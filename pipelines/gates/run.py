"""Runs one gate: every table of its suite, judged, reported and, if asked, documented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.gates.report import GateReport, Outcome
from pipelines.gates.rules import GateSuite, Rule, TableSuite
from pipelines.gates.suites import load_suite
from pipelines.gates.vocabulary import ROW_COUNT, VOCABULARY

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context import AbstractDataContext

_NOT_TEXT = (
    "decimal", "date", "datetime", "datetime64", "time", "timedelta", "timedelta64", "period", "interval",
    "integer", "floating", "mixed-integer-float", "complex", "boolean",
)  # fmt: skip


def run_gate(gate: str, tables: Mapping[str, pd.DataFrame], *, docs_dir: Path | None) -> GateReport:
    """Judges the tables of one of GATES; with `docs_dir`, writes Data Docs to `<docs_dir>/<gate>/index.html`.

    Fails closed: a missing table, a table without a suite, a missing column, a table without rows and an expectation
    that could not be judged are errors, whatever severity the suite gives. Raises SuiteError for a suite that cannot
    be used.
    """
    return judge(load_suite(gate), tables, docs_dir=docs_dir)


def judge(suite: GateSuite, tables: Mapping[str, pd.DataFrame], *, docs_dir: Path | None) -> GateReport:
    """`run_gate` for a suite in hand."""
    import pandas as pd

    from pipelines.gates.data_docs import write_data_docs
    from pipelines.gates.engine import open_context

    context = open_context()
    outcomes: list[Outcome] = []
    results: list[ExpectationSuiteValidationResult] = []
    for table in suite.tables:
        try:
            found, result = judge_table(context, suite.gate, table, tables.get(table.table, pd.DataFrame()))
        except Exception as error:
            # Told by its class alone: its message, and a chained traceback in Dagster's log, can quote a value.
            outcomes.append(_closed(suite.gate, table.table, f"could not be judged: {type(error).__name__}"))
            continue
        there = table.table in tables
        outcomes.extend(found if there else [_closed(suite.gate, table.table, "expected the table, found none")])
        results.append(result)
    for name in sorted(set(tables) - {table.table for table in suite.tables}):
        outcomes.append(_closed(suite.gate, name, "expected a suite for the table, found none"))
    if docs_dir is not None:
        write_data_docs(context, suite.gate, results, docs_dir / suite.gate)
    return GateReport(suite.gate, tuple(outcomes))


def judge_table(
    context: AbstractDataContext, gate: str, table: TableSuite, frame: pd.DataFrame
) -> tuple[list[Outcome], ExpectationSuiteValidationResult]:
    """Outcomes of one table, in the order of its rules, and Great Expectations' result stripped to counts."""
    from pipelines.gates.counts import strip_to_counts
    from pipelines.gates.engine import validate

    rules = [one for rule in table.rules for one in _speaking(rule, frame)]
    needed = [column for column in frame.columns if any(column in rule.columns for rule in rules)]
    result = validate(context, table.table, rules, frame[needed])
    strip_to_counts(result, rules, frame)
    found = {one.expectation_config.meta["rule"]: one for one in result.results}
    return [_outcome(gate, table.table, rule, found[place], len(frame)) for place, rule in enumerate(rules)], result


def _speaking(rule: Rule, frame: pd.DataFrame) -> Iterator[Rule]:
    """The rule as it speaks about this frame: once per text column if it is about those; not at all below `from_rows`.

    A missing column is heard at any number of rows.
    """
    if rule.text_columns_but is not None:
        for column in text_columns(frame):
            if column not in rule.text_columns_but:
                yield replace(rule, arguments={"column": column, **rule.arguments}, text_columns_but=None)
    elif (
        rule.expectation == ROW_COUNT
        or not set(rule.columns) <= set(frame.columns)
        or _rows(rule, frame) >= rule.from_rows
    ):
        yield rule


_OPERATORS = {"==": "eq", "!=": "ne", ">=": "ge", "<=": "le", ">": "gt", "<": "lt"}


def _rows(rule: Rule, frame: pd.DataFrame) -> int:
    """How many rows the rule is about: a mean or a number of values of none is not a finding."""
    if rule.where is None or VOCABULARY[rule.expectation].rows:
        return len(frame)
    compared = getattr(frame[rule.where.column], _OPERATORS[rule.where.operator])(rule.where.value)
    return int(compared.fillna(False).sum())


def text_columns(frame: pd.DataFrame) -> list[str]:
    """The columns that can hold text: all but numbers, times and booleans, whatever type pandas gives them."""
    import pandas as pd

    return [column for column in frame.columns if pd.api.types.infer_dtype(frame[column], skipna=True) not in _NOT_TEXT]


def _outcome(gate: str, table: str, rule: Rule, found: ExpectationValidationResult, rows: int) -> Outcome:
    about = ", ".join(rule.judged) or None
    told = found.result
    by_row = VOCABULARY[rule.expectation].rows
    finding = (found.exception_info or {}).get("exception_message")
    outcome = Outcome(
        gate=gate, table=table, expectation=rule.expectation, column=about, severity=rule.severity,
        success=bool(found.success), checked=told.get("element_count", rows), failed=told.get("unexpected_count"),
        finding=None, why=rule.why,
    )  # fmt: skip
    if finding:
        return replace(outcome, severity="error", success=False, failed=None, finding=finding)
    if by_row and outcome.failed is None:
        return replace(outcome, severity="error", success=False, finding="expected counts, found none")
    if not by_row:
        return replace(outcome, failed=None, finding=_observed(rule, told.get("observed_value")))
    return outcome


def _observed(rule: Rule, value: float | int | None) -> str:
    low, high = rule.arguments.get("min_value"), rule.arguments.get("max_value")
    bounds = [f"{word} {bound}" for word, bound in (("at least", low), ("at most", high)) if bound is not None]
    shown = "nothing" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"
    return f"found {shown}, expected {' and '.join(bounds)}"


def _closed(gate: str, table: str, finding: str) -> Outcome:
    return Outcome(
        gate=gate, table=table, expectation="table", column=None, severity="error", success=False, checked=0,
        failed=None, finding=finding, why="Nothing passes unjudged.",
    )  # fmt: skip
