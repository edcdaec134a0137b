"""Runs one gate: checks every table of its suite, returns a report and writes Data Docs on request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import is_shortage
from pipelines.gates.allowed_expectations import ALLOWED_EXPECTATIONS, ROW_COUNT
from pipelines.gates.contacts import CONTACT_FUNCTIONS
from pipelines.gates.counts import TooLittleForGate
from pipelines.gates.report import GateReport, Outcome
from pipelines.gates.rules import GateSuite, Rule, TableSuite
from pipelines.gates.tables import FOUND, GateTable, Queries

if TYPE_CHECKING:
    import duckdb
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

    from pipelines.gates.database import DuckDBDatasource

NO_TABLE = "SELECT 1 AS no_table WHERE false"


def run_gate(
    suite: GateSuite, connection: duckdb.DuckDBPyConnection, tables: Queries, *, docs_dir: Path | None
) -> GateReport:
    """Check the tables of a gate, queries on an open connection; with `docs_dir`, write Data Docs to
    `<docs_dir>/<gate>/index.html`.

    A missing table, a table without a suite, a missing column, a table without rows and an expectation that cannot be
    checked are errors, whatever severity the suite gives. Too little memory and a full disk are raised: no rule fails.
    """
    from pipelines.gates.data_docs import write_data_docs
    from pipelines.gates.engine import datasource, open_context

    context = open_context()
    outcomes: list[Outcome] = []
    results: list[ExpectationSuiteValidationResult] = []
    with datasource(context, connection) as source:
        for table in suite.tables:
            try:
                rows = GateTable.of(connection, tables.get(table.table, NO_TABLE))
                of_table, result = check_table(source, suite.gate, table, rows)
            except TooLittleForGate:
                raise
            except Exception as error:
                if is_shortage(error):
                    raise
                # Report only the exception class: messages and tracebacks can contain values of rows.
                outcomes.append(_table_error(suite.gate, table.table, f"could not be checked: {type(error).__name__}"))
                continue
            if table.table not in tables:
                of_table = [_table_error(suite.gate, table.table, "expected the table, found none")]
            outcomes.extend(of_table)
            results.append(result)
    for name in sorted(set(tables) - {table.table for table in suite.tables}):
        outcomes.append(_table_error(suite.gate, name, "expected a suite for the table, found none"))
    if docs_dir is not None:
        write_data_docs(context, suite.gate, results, docs_dir / suite.gate)
    return GateReport(suite.gate, tuple(outcomes))


def check_table(
    source: DuckDBDatasource, gate: str, table: TableSuite, rows: GateTable
) -> tuple[list[Outcome], ExpectationSuiteValidationResult]:
    """The outcomes of one table in the order of its rules, and Great Expectations' result without values of rows."""
    from pipelines.gates.counts import rule_position, strip_to_counts
    from pipelines.gates.engine import validate

    count = rows.rows()
    rules = [applied for rule in table.rules for applied in _applied(rule, rows, count)]
    searches = [rule for rule in rules if rule.text_columns_but is not None]
    if rows.finds({rule.arguments["column"]: CONTACT_FUNCTIONS[rule.arguments["regex"]] for rule in searches}):
        # The rule of each column counts its rows.
        searches = []
    judged = [*(rule for rule in rules if rule not in searches), *_together(searches)]
    needed = [column for column in rows.columns if any(column in rule.columns for rule in judged)]
    result = validate(source, table.table, judged, rows.selected(needed))
    strip_to_counts(result, judged, {**rows.types, FOUND: "BOOLEAN"})
    checked = {rule_position(one_result): one_result for one_result in result.results}
    of_rule = {id(rule): checked[position] for position, rule in enumerate(judged)}
    outcomes = [
        _nothing_found(gate, table.table, rule, count)
        if rule in searches
        else _outcome(gate, table.table, rule, of_rule[id(rule)], count)
        for rule in rules
    ]
    return outcomes, result


def _together(searches: Sequence[Rule]) -> list[Rule]:
    """One rule for the text columns in which nothing was found: a rule for each costs more than the search."""
    if not searches:
        return []
    arguments = {"column": FOUND, "value_set": [False]}
    return [Rule("expect_column_values_to_be_in_set", searches[0].severity, searches[0].why, arguments)]


def _applied(rule: Rule, rows: GateTable, count: int) -> Iterator[Rule]:
    """The rule as applied to this table: one per text column with `text_columns_but`, none below `from_rows` rows.

    A rule whose column is missing is always applied, so that it fails.
    """
    if rule.text_columns_but is not None:
        for column in rows.text_columns:
            if column not in rule.text_columns_but:
                yield replace(rule, arguments={"column": column, **rule.arguments})
    elif (
        rule.expectation == ROW_COUNT
        or not set(rule.columns) <= set(rows.columns)
        or _counted(rule, rows, count) >= rule.from_rows
    ):
        yield rule


def _counted(rule: Rule, rows: GateTable, count: int) -> int:
    """The rows that count for `from_rows`. For a rule about the table they meet its condition: a mean needs a row."""
    if rule.where is None or ALLOWED_EXPECTATIONS[rule.expectation].by_row:
        return count
    return rows.rows(rule.where)


def _outcome(gate: str, table: str, rule: Rule, checked: ExpectationValidationResult, rows: int) -> Outcome:
    counts = checked.result
    if counts.get("element_count") == 0 and checked.success:
        # The sum over no rows is null.
        counts = {**counts, "unexpected_count": 0}
    by_row = ALLOWED_EXPECTATIONS[rule.expectation].by_row
    outcome = Outcome(
        gate=gate,
        table=table,
        expectation=rule.expectation,
        column=", ".join(rule.checked_columns) or None,
        severity=rule.severity,
        success=bool(checked.success),
        checked=counts.get("element_count", rows),
        failed=counts.get("unexpected_count"),
        finding=None,
        why=rule.why,
    )
    if problem := (checked.exception_info or {}).get("exception_message"):
        return replace(outcome, severity="error", success=False, failed=None, finding=problem)
    if by_row and outcome.failed is None:
        return replace(outcome, severity="error", success=False, finding="expected counts, found none")
    if not by_row:
        return replace(outcome, failed=None, finding=_observed(rule, counts.get("observed_value")))
    return outcome


def _nothing_found(gate: str, table: str, rule: Rule, rows: int) -> Outcome:
    (column,) = rule.checked_columns
    return Outcome(
        gate=gate,
        table=table,
        expectation=rule.expectation,
        column=column,
        severity=rule.severity,
        success=True,
        checked=rows,
        failed=0,
        finding=None,
        why=rule.why,
    )


def _observed(rule: Rule, value: float | int | None) -> str:
    low, high = rule.arguments.get("min_value"), rule.arguments.get("max_value")
    bounds = [f"{word} {bound}" for word, bound in (("at least", low), ("at most", high)) if bound is not None]
    shown = "nothing" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"
    return f"found {shown}, expected {' and '.join(bounds)}"


def _table_error(gate: str, table: str, finding: str) -> Outcome:
    return Outcome(
        gate=gate,
        table=table,
        expectation="table",
        column=None,
        severity="error",
        success=False,
        checked=0,
        failed=None,
        finding=finding,
        why="A table that was not checked does not pass.",
    )
