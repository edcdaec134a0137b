"""Great Expectations checks every rule of every gate on a clean table and on one with a planted fault."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from functools import cache

import duckdb
import pandas as pd
import pytest

from pipelines.errors import TierhouseError, full_error
from pipelines.gates import run
from pipelines.gates.allowed_expectations import ALLOWED_EXPECTATIONS, ROW_COUNT
from pipelines.gates.contacts import CONTACT_FUNCTIONS
from pipelines.gates.engine import datasource, open_context
from pipelines.gates.report import Outcome
from pipelines.gates.rules import GateSuite, Rule, TableSuite
from pipelines.gates.suites import GATES, load_suite
from pipelines.gates.tables import GateTable
from pipelines.home.settings import PROJECT_ROOT
from pipelines.texts.shapes import CONTACT
from tests.unit.gates.faults import FAULTS, PLANTED
from tests.unit.gates.frames import QUERIES, clean_tables
from tests.unit.gates.together import Fault, faults_of, grouped

pytestmark = pytest.mark.xdist_group("gates")

SUITES = {gate: load_suite(gate) for gate in GATES}
RULES = [
    pytest.param(gate, table, place, id=f"{gate}.{table.table}.{place}-{rule.expectation}")
    for gate, suite in SUITES.items()
    for table in suite.tables
    for place, rule in enumerate(table.rules)
]
MAY_BE_EMPTY = [(gate, table.table) for gate, suite in SUITES.items() for table in suite.tables if table.may_be_empty]
NEVER_EMPTY = [
    (gate, table.table) for gate, suite in SUITES.items() for table in suite.tables if not table.may_be_empty
]


@pytest.fixture(scope="session")
def context():
    with duckdb.connect() as connection, datasource(open_context(), connection) as source:
        yield connection, source


def check_table(context, gate: str, suite: TableSuite, frame: pd.DataFrame):
    connection, source = context
    connection.register("judged", frame)
    return run.check_table(source, gate, suite, GateTable.of(connection, "SELECT * FROM judged"))


def run_gate(suite: GateSuite, frames, *, docs_dir):
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        queries = {name: f"SELECT * FROM {name}" for name in frames}
        return run.run_gate(suite, connection, queries, docs_dir=docs_dir)


@pytest.fixture(scope="session")
def clean():
    return {gate: clean_tables(gate) for gate in GATES}


def check_rule(context, gate: str, table: TableSuite, rule: Rule, frame: pd.DataFrame):
    suite = TableSuite(table.table, (rule,), table.may_be_empty)
    return check_table(context, gate, suite, frame)[0]


@pytest.mark.parametrize("gate", GATES)
def test_clean_tables_pass_their_gate(gate, clean):
    report = run_gate(SUITES[gate], clean[gate], docs_dir=None)
    assert report.passed
    assert not report.warnings
    assert "passed" in report.summary()


@pytest.fixture(scope="session")
def faults(clean):
    """Gate, table → the planted faults of its rules."""

    @cache
    def of_table(gate: str, table: str) -> list[Fault]:
        suite = next(one for one in SUITES[gate].tables if one.table == table)
        return [*faults_of(suite.rules, clean[gate][table])]

    return of_table


@pytest.fixture(scope="session")
def verdicts(context, faults):
    """Gate, table → each planted fault with the failing outcomes of its rule. Judged once, for all rules of a table."""

    @cache
    def of_table(gate: str, table: str) -> list[tuple[Fault, list[Outcome]]]:
        suite = next(one for one in SUITES[gate].tables if one.table == table)
        found = []
        for group in grouped(faults(gate, table)):
            part = TableSuite(table, group.rules, suite.may_be_empty)
            outcomes, _ = check_table(context, gate, part, group.table())
            if group.rules[0].text_columns_but is None:
                found += zip(group.faults, [[outcome] for outcome in outcomes], strict=True)
            else:
                found += [(fault, [one for one in outcomes if one.column in fault.seen]) for fault in group.faults]
                seen = {column for fault in group.faults for column in fault.seen}
                assert {one.column for one in outcomes if not one.success} == seen
        return [(fault, [one for one in outcomes if not one.success]) for fault, outcomes in found]

    return of_table


@pytest.mark.parametrize(("gate", "table", "place"), RULES)
def test_a_planted_fault_fails_its_rule(gate, table, place, verdicts):
    rule = table.rules[place]
    judged = [(fault, failing) for fault, failing in verdicts(gate, table.table) if fault.place == place]
    if rule.expectation == ROW_COUNT and table.may_be_empty:
        assert not judged, "test_a_table_that_may_be_empty_must_exist tests tables that may be empty"
        return
    assert judged, f"expected a planted fault for {rule}, found none"
    for fault, failing in judged:
        assert len(failing) == 1
        assert failing[0].severity == rule.severity
        assert failing[0].column == (", ".join(rule.checked_columns or fault.seen) or None)
        assert failing[0].failed in ((1, 2) if ALLOWED_EXPECTATIONS[rule.expectation].by_row else (None,))


@pytest.mark.parametrize("gate", GATES)
def test_the_search_before_the_rules_finds_each_planted_text(gate, context, faults):
    connection, _ = context
    for suite in SUITES[gate].tables:
        for fault in faults(gate, suite.table):
            if fault.rule.text_columns_but is not None:
                connection.register("judged", fault.table)
                table = GateTable.of(connection, "SELECT * FROM judged")
                (column,) = fault.seen
                assert column in table.text_columns
                assert table.finds({column: CONTACT_FUNCTIONS[fault.rule.arguments["regex"]]})


def test_every_expectation_has_a_fault_and_every_table_a_clean_frame():
    assert set(FAULTS) == set(ALLOWED_EXPECTATIONS)
    assert {gate: set(tables) for gate, tables in QUERIES.items()} == {
        gate: {table.table for table in suite.tables} for gate, suite in SUITES.items()
    }


@pytest.mark.parametrize(("gate", "table"), MAY_BE_EMPTY)
def test_a_table_that_may_be_empty_must_exist(gate, table, context, clean):
    suite = next(one for one in SUITES[gate].tables if one.table == table)
    empty = clean[gate][table].head(0)
    assert all(outcome.success for outcome in check_table(context, gate, suite, empty)[0])
    without_column = empty.drop(columns=[suite.columns[0]])
    assert not all(outcome.success for outcome in check_table(context, gate, suite, without_column)[0])


@pytest.mark.parametrize(("gate", "table"), NEVER_EMPTY)
def test_an_empty_table_is_an_error(gate, table, context, clean):
    suite = next(one for one in SUITES[gate].tables if one.table == table)
    outcomes, _ = check_table(context, gate, suite, clean[gate][table].head(0))
    failing = [outcome for outcome in outcomes if not outcome.success]
    assert [(outcome.expectation, outcome.severity) for outcome in failing] == [(ROW_COUNT, "error")]
    assert "found 0" in str(failing[0])


def test_a_missing_table_and_an_unexpected_one_are_errors(clean):
    tables = {**clean["scores"], "surprise": pd.DataFrame({"phone": [PLANTED]})}
    del tables["coverage"]
    report = run_gate(SUITES["scores"], tables, docs_dir=None)
    assert not report.passed
    assert report.summary().splitlines() == [
        "scores.coverage: table: expected the table, found none (error)",
        "scores.surprise: table: expected a suite for the table, found none (error)",
    ]


def test_a_missing_column_is_an_error_even_if_the_rule_is_a_warning(context, clean):
    table = next(one for one in SUITES["published"].tables if one.table == "customer_grades")
    rule = next(rule for rule in table.rules if rule.severity == "warning" and rule.checked_columns == ("reason_1",))
    frame = clean["published"]["customer_grades"].drop(columns=["reason_1"])
    (outcome,) = check_rule(context, "published", table, rule, frame)
    assert (outcome.success, outcome.severity) == (False, "error")
    assert outcome.finding == "expected a column reason_1, found none"


def test_an_exception_of_an_expectation_is_an_error_without_values(context, clean):
    table = next(one for one in SUITES["scores"].tables if one.table == "scores")
    rule = next(rule for rule in table.rules if rule.expectation == "expect_column_mean_to_be_between")
    assert rule.severity == "warning"
    frame = clean["scores"]["scores"].assign(probability=PLANTED)
    (outcome,) = check_rule(context, "scores", table, rule, frame)
    assert (outcome.success, outcome.severity, outcome.failed) == (False, "error", None)
    assert outcome.finding == "could not be checked: BinderException (probability VARCHAR, target VARCHAR)"


def test_an_exception_of_a_table_is_an_error_with_its_class_only(clean, monkeypatch):
    def broken(*_):
        raise ValueError(f"cannot read {PLANTED}")

    monkeypatch.setattr(run, "check_table", broken)
    report = run_gate(SUITES["scores"], clean["scores"], docs_dir=None)
    assert not report.passed
    assert [outcome.finding for outcome in report.errors] == ["could not be checked: ValueError"] * 3


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("temp_directory = ''", r"DuckDB needs more memory than its limit of 19\.0 MiB: raise TIERHOUSE_MEMORY_LIMIT"),
        ("max_temp_directory_size = '1MB'", "the disk is full: free space on the disk of TIERHOUSE_HOME"),
    ],
    ids=["memory", "disk"],
)
@pytest.mark.parametrize(
    "rule",
    [
        Rule("expect_column_values_to_be_unique", "warning", "One row per key.", {"column": "key"}),
        Rule("expect_column_values_to_not_match_regex", "error", "x", {"regex": CONTACT}, text_columns_but=("id",)),
    ],
    ids=["in an expectation", "in the search before"],
)
def test_too_little_memory_and_a_full_disk_are_no_fault_of_the_rows(rule, setting, line, tmp_path):
    suite = GateSuite("scores", (TableSuite("scores", (rule,)),))
    config = {"memory_limit": "20MB", "threads": 1, "temp_directory": str(tmp_path)}
    query = "SELECT md5(i::VARCHAR) AS key FROM range(600000) AS rows (i)"
    with duckdb.connect(config=config) as connection, pytest.raises((TierhouseError, duckdb.Error)) as raised:
        connection.execute(f"SET {setting}")
        run.run_gate(suite, connection, {"scores": query}, docs_dir=None)
    assert re.match(line, full_error(raised.value)) and "\n" not in full_error(raised.value)


def test_a_warning_passes_the_gate_and_is_reported(clean):
    (table,) = [table for table in SUITES["published"].tables if table.table == "customer_grades"]
    grades = clean["published"]["customer_grades"].assign(reason_1=None)
    report = run_gate(GateSuite("published", (table,)), {"customer_grades": grades}, docs_dir=None)
    assert report.passed
    assert report.summary() == (
        "published.customer_grades.reason_1: expect_column_values_to_not_be_null: 60 of 60 rows failed (warning)"
    )


def test_a_rule_is_skipped_below_its_number_of_rows(context, clean):
    table = next(one for one in SUITES["scores"].tables if one.table == "scores")
    rule = next(rule for rule in table.rules if "unique_value_count" in rule.expectation)
    constant = clean["scores"]["scores"].assign(probability=0.2)
    assert rule.from_rows == 50
    assert check_rule(context, "scores", table, rule, constant.head(49)) == []
    assert [outcome.success for outcome in check_rule(context, "scores", table, rule, constant.head(50))] == [False]


def test_the_mean_of_no_rows_is_not_checked(context, clean):
    table = next(one for one in SUITES["scores"].tables if one.table == "scores")
    rule = next(rule for rule in table.rules if "mean" in rule.expectation)
    of_another_target = clean["scores"]["scores"].assign(target="intent")
    assert check_rule(context, "scores", table, rule, of_another_target) == []


def test_a_new_text_column_is_searched_for_identifiers(context, clean):
    frame = clean["published"]["customer_rfm"].assign(note=[PLANTED, *[None] * 59])
    suite = next(one for one in SUITES["published"].tables if one.table == "customer_rfm")
    failing = [one for one in check_table(context, "published", suite, frame)[0] if not one.success]
    assert [(one.column, one.failed, one.severity) for one in failing] == [("note", 1, "error")]


def of_each_expectation(suite: GateSuite) -> GateSuite:
    """The tables that together use every expectation of the gate, with two rules of each expectation and severity."""
    used: set[str] = set()
    kept = []
    for table in suite.tables:
        expectations = {rule.expectation for rule in table.rules}
        if not expectations <= used:
            used |= expectations
            alike: dict[tuple[str, str], list[Rule]] = {}
            for rule in table.rules:
                alike.setdefault((rule.expectation, rule.severity), []).append(rule)
            kept.append(replace(table, rules=tuple(rule for rules in alike.values() for rule in rules[:2])))
    return GateSuite(suite.gate, tuple(kept))


@pytest.mark.parametrize(
    "judged",
    [
        *(pytest.param(of_each_expectation(suite), id=gate) for gate, suite in SUITES.items()),
        *(pytest.param(suite, id=f"{gate}, all rules", marks=pytest.mark.soak) for gate, suite in SUITES.items()),
    ],
)
def test_no_value_of_a_failing_row_reaches_report_docs_or_log(judged, clean, tmp_path, caplog):
    """Every column that a rule reads contains a phone number as text, so that rules fail in every possible way."""
    gate, tables = judged.gate, {}
    for suite in judged.tables:
        frame = clean[gate][suite.table]
        tables[suite.table] = pd.concat(
            [frame, frame.assign(**dict.fromkeys(frame.columns, PLANTED))], ignore_index=True
        )
    with caplog.at_level(logging.DEBUG):
        report = run_gate(judged, tables, docs_dir=tmp_path)
    assert not report.passed
    assert any(outcome.finding for outcome in report.errors)
    assert any(outcome.failed for outcome in report.errors)
    assert PLANTED not in report.summary() + report.table() + repr(report)
    assert PLANTED not in caplog.text
    assert (tmp_path / gate / "index.html").exists()
    for suite in judged.tables:
        assert len(list((tmp_path / gate).rglob(f"validations/**/{suite.table}.html"))) == 1
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and PLANTED.encode() in file.read_bytes()]


def test_data_docs_of_a_gate_are_replaced(clean, tmp_path):
    run_gate(SUITES["scores"], clean["scores"], docs_dir=tmp_path)
    (tmp_path / "scores" / "old.html").write_text("old")
    run_gate(SUITES["scores"], {"coverage": clean["scores"]["coverage"]}, docs_dir=tmp_path)
    assert not (tmp_path / "scores" / "old.html").exists()
    page = next((tmp_path / "scores").rglob("validations/**/scores.html")).read_text()
    assert "expected a column probability, found none" in page
    assert [folder.name for folder in tmp_path.iterdir()] == ["scores"]


def test_the_report_does_not_depend_on_the_order_of_rows(clean):
    shuffled = {name: frame.sample(frac=1, random_state=7) for name, frame in clean["scores"].items()}
    shuffled["scores"].iloc[0, shuffled["scores"].columns.get_loc("probability")] = 2.0
    back = {name: frame.sort_index() for name, frame in shuffled.items()}
    assert run_gate(SUITES["scores"], shuffled, docs_dir=None) == run_gate(SUITES["scores"], back, docs_dir=None)


def test_a_gate_reports_the_outcomes_of_each_of_its_tables(clean, context):
    (table,) = [table for table in SUITES["scores"].tables if table.table == "scores"]
    report = run_gate(GateSuite("scores", (table,)), {"scores": clean["scores"]["scores"]}, docs_dir=None)
    assert list(report.outcomes) == check_table(context, "scores", table, clean["scores"]["scores"])[0]


def test_great_expectations_is_not_imported_with_the_gates():
    import subprocess
    import sys

    code = "import sys, pipelines.gates.run; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, check=False).returncode == 0
