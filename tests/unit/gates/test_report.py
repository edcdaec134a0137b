"""Reports of gates: what passes, and how failures are shown."""

from __future__ import annotations

from dataclasses import replace

from pipelines.gates.report import GateReport, Outcome

GRADE = Outcome(
    gate="published",
    table="customer_grades",
    expectation="expect_column_values_to_be_in_set",
    column="grade",
    severity="error",
    success=True,
    checked=20_000,
    failed=0,
    finding=None,
    why="The four grades.",
)
BROKEN = replace(GRADE, success=False, failed=3)
WARNED = replace(GRADE, column="score", severity="warning", success=False, failed=None, finding="found 0.91")


def test_a_failing_rule_is_one_line_with_place_counts_and_severity():
    assert str(BROKEN) == (
        "published.customer_grades.grade: expect_column_values_to_be_in_set: 3 of 20,000 rows failed (error)"
    )


def test_errors_fail_the_gate_and_come_first():
    report = GateReport("published", (WARNED, GRADE, BROKEN))
    assert not report.passed
    assert (report.errors, report.warnings) == ((BROKEN,), (WARNED,))
    assert report.summary().splitlines() == [str(BROKEN), str(WARNED)]


def test_a_gate_with_warnings_only_passes():
    assert GateReport("published", (WARNED, GRADE)).passed


def test_a_report_without_failures_has_the_number_of_checks():
    assert GateReport("published", (GRADE,)).summary() == "published: all 1 expectations of 1 tables passed"


def test_a_gate_without_outcomes_does_not_pass():
    assert not GateReport("published", ()).passed


def test_the_markdown_counts_by_table_and_gives_the_reason_of_each_failure():
    assert GateReport("published", (GRADE, BROKEN, replace(WARNED, table="customer_rfm", checked=7))).table() == (
        "| table | rows | expectations | errors | warnings |\n"
        "|---|---:|---:|---:|---:|\n"
        "| customer_grades | 20,000 | 2 | 1 | 0 |\n"
        "| customer_rfm | 7 | 1 | 0 | 1 |\n"
        "\n"
        f"- {BROKEN}: The four grades.\n"
        f"- {replace(WARNED, table='customer_rfm', checked=7)}: The four grades."
    )
