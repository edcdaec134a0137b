"""Files of suites: what is loaded, and errors with file, line and field."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from pipelines.gates.allowed_expectations import ALLOWED_EXPECTATIONS, ROW_COUNT
from pipelines.gates.rules import Condition
from pipelines.gates.suites import GATES, SuiteError, load_suite

GOOD = """\
gate: scores
tables:
  coverage:
    rules:
      - expectation: expect_table_row_count_to_be_between
        min_value: 1
        severity: error
        why: Every day is accounted for.
      - expectation: expect_column_values_to_be_between
        columns: [engaged, scored]
        min_value: 0
        where: dormancy_available == true
        from_rows: 5
        severity: warning
        why: Counts are not negative.
"""


def load(tmp_path: Path, text: str, gate: str = "scores"):
    (tmp_path / f"{gate}.yml").write_text(text, encoding="utf-8")
    return load_suite(gate, tmp_path)


def test_a_rule_with_several_columns_becomes_one_rule_per_column(tmp_path):
    (table,) = load(tmp_path, GOOD).tables
    assert [rule.expectation for rule in table.rules] == [ROW_COUNT, *["expect_column_values_to_be_between"] * 2]
    engaged, scored = table.rules[1:]
    assert (engaged.checked_columns, scored.checked_columns) == (("engaged",), ("scored",))
    assert engaged.columns == ("engaged", "dormancy_available")
    assert engaged.where == Condition("dormancy_available", "==", True)
    assert (engaged.severity, engaged.from_rows, dict(engaged.arguments)) == (
        "warning",
        5,
        {"column": "engaged", "min_value": 0},
    )
    assert table.columns == ("engaged", "dormancy_available", "scored")


def test_a_limit_can_be_a_date(tmp_path):
    (table,) = load(tmp_path, GOOD.replace("min_value: 0", "min_value: 1990-01-01")).tables
    assert table.rules[1].arguments["min_value"] == date(1990, 1, 1)


def test_rules_of_every_table_are_added_to_each_table(tmp_path):
    shared = """\
every_table:
  - {expectation: expect_column_values_to_not_match_regex, text_columns_but: [id], regex: "@", severity: error, why: x}
"""
    (table,) = load(tmp_path, GOOD.replace("tables:\n", f"{shared}tables:\n")).tables
    assert table.rules[-1].text_columns_but == ("id",)
    assert table.rules[-1].columns == ()


FAULTS = {
    "no expectation of that name": (
        ("expect_column_values_to_be_between", "expect_column_max_to_be_between"),
        r"line 9, expectation: expected one of .*, found 'expect_column_max_to_be_between'",
    ),
    "an argument it does not take": (
        ("min_value: 0", "min_valve: 0"),
        r"line 11, min_valve: expected one of .*min_value.*, found 'min_valve'",
    ),
    "no limit": (("        min_value: 0\n", ""), r"line 9, min_value: expected min_value, max_value or both"),
    "a limit that is text": (
        ("min_value: 0", "min_value: none"),
        r"line 11, min_value: expected a number or a date, found 'none'",
    ),
    "a severity in between": (
        ("severity: warning", "severity: info"),
        r"line 14, severity: expected error or warning, found 'info'",
    ),
    "no reason": (
        ("        why: Counts are not negative.\n", ""),
        r"line 9, why: expected one sentence that says why, found nothing",
    ),
    "no column": (("        columns: [engaged, scored]\n", ""), r"line 9, column: expected exactly one of"),
    "two ways to name columns": (
        ("columns: [engaged, scored]", "columns: [engaged, scored]\n        column: missing"),
        r"line 11, column: expected exactly one of column, columns, text_columns_but, found 'missing'",
    ),
    "one column twice": (
        ("[engaged, scored]", "[engaged, engaged]"),
        r"line 10, columns: expected a list of different columns",
    ),
    "a condition without a comparison": (
        ("dormancy_available == true", "dormancy_available"),
        r"line 12, where: expected a comparison such as: churn_probability >= 0.35",
    ),
    "a number of rows below 1": (
        ("from_rows: 5", "from_rows: 0"),
        r"line 13, from_rows: expected a whole number of rows, 1 or more, found 0",
    ),
    "no row count": (
        (
            "expect_table_row_count_to_be_between\n        min_value: 1",
            "expect_column_values_to_be_unique\n        column: day",
        ),
        r"line 4, rules: expected expect_table_row_count_to_be_between of coverage with severity error and "
        r"min_value 1 or more, found nothing",
    ),
    "a row count that only warns": (("severity: error", "severity: warning"), r"line 4, rules: expected expect_"),
    "a row count that an empty table passes": (("min_value: 1", "min_value: 0"), r"and min_value 1 or more"),
    "may_be_empty without a reason": (
        ("  coverage:\n", "  coverage:\n    may_be_empty:\n"),
        r"line 4, may_be_empty: expected the reason why the table may be empty, found nothing",
    ),
    "a field of the table that is unknown": (
        ("  coverage:\n", "  coverage:\n    optional: true\n"),
        r"line 4, optional: expected one of may_be_empty, rules, found 'optional'",
    ),
    "another gate": (("gate: scores", "gate: raw"), r"line 1, gate: expected scores, found 'raw'"),
    "a field given twice": (
        ("        min_value: 0\n", "        min_value: 0\n        min_value: 1\n"),
        r"line 12: expected YAML, found: duplicate key 'min_value', first on line 11",
    ),
    "no YAML": (("severity: warning", "severity: [warning"), r"line 15: expected YAML, found: "),
    "a day that does not exist": (
        ("min_value: 0", "min_value: 2025-02-31"),
        r"line 11: expected YAML, found: '2025-02-31' cannot be read: day",
    ),
    "no rules": (
        (GOOD[GOOD.index("    rules:") :], "    rules: []\n"),
        r"line 4, rules: expected a list of rules",
    ),
    "no tables": (
        (GOOD[GOOD.index("tables:") :], "tables: []\n"),
        r"line 2, tables: expected a mapping of tables",
    ),
    "no mapping": ((GOOD, "- scores\n"), r"line 1: expected the fields gate and tables, found list"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_names_file_line_and_field(fault, tmp_path):
    (old, new), message = FAULTS[fault]
    assert old in GOOD
    with pytest.raises(SuiteError, match=rf"^scores\.yml, {message}" if message.startswith("line") else message):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_a_regex_that_does_not_compile_is_an_error(tmp_path):
    text = GOOD.replace("expect_column_values_to_be_between", "expect_column_values_to_match_regex").replace(
        "min_value: 0", "regex: '['"
    )
    with pytest.raises(
        SuiteError,
        match=re.escape("regex: expected a regular expression or one of {contact}, {contact_id}, found '['"),
    ):
        load(tmp_path, text)


def test_a_gate_without_a_file_and_an_unknown_gate_are_errors(tmp_path):
    with pytest.raises(SuiteError, match=r"^raw\.yml: expected a file of expectations at .*, found none"):
        load_suite("raw", tmp_path)
    with pytest.raises(SuiteError, match=r"expected one of the gates raw, features, .*published, found .core."):
        load_suite("core")


@pytest.mark.parametrize("gate", GATES)
def test_all_suites_load_and_an_empty_table_needs_a_reason(gate):
    suite = load_suite(gate)
    assert suite.gate == gate
    for table in suite.tables:
        least = max(rule.arguments["min_value"] for rule in table.rules if rule.expectation == ROW_COUNT)
        assert least >= 1 or table.may_be_empty
        assert all(rule.why.endswith((".", ")")) for rule in table.rules)
        assert len({(rule.expectation, rule.columns, str(rule.arguments)) for rule in table.rules}) == len(table.rules)


def test_every_allowed_expectation_is_used():
    used = {rule.expectation for gate in GATES for table in load_suite(gate).tables for rule in table.rules}
    assert used == set(ALLOWED_EXPECTATIONS)
