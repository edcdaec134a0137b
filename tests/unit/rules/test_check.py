"""Rules tables: mistakes of business users are refused with file, line and the expected value."""

import shutil

import pytest
import yaml

from pipelines.rules.check import RulesRefused, assert_rules
from pipelines.rules.version import RULES


@pytest.fixture
def rules(tmp_path):
    return shutil.copytree(RULES, tmp_path / "rules")


def edit(rules, name, old, new):
    file = rules / f"{name}.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(rules):
    with pytest.raises(RulesRefused) as refused:
        assert_rules(rules)
    return str(refused.value)


def test_the_rules_of_the_project_are_accepted():
    assert_rules()


def test_a_spreadsheets_byte_order_mark_and_line_ends_change_nothing(rules):
    file = rules / "grade_cuts.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert_rules(rules)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            "warning_levels",
            "low,0.60,0.65",
            "low,0.62,0.65",
            "warning_levels.csv, line 2: max_probability: expected 0.62, "
            "where the band of line 3 begins, found 0.60: a gap",
        ),
        (
            "warning_levels",
            "low,0.60,0.65",
            "low,0.60,0.70",
            "warning_levels.csv, line 3: max_probability: expected 0.65, "
            "where the band of line 4 begins, found 0.70: an overlap",
        ),
        ("warning_levels", "low,0.60,0.65", "low,0.65,0.60", "expected min_probability below max_probability"),
        ("grade_cuts", "A,20000,", "E,20000,", "grade_cuts.csv, line 2: grade: expected one of A, B, C, D, found E"),
        (
            "conduct_rules",
            "opted_out,-0.30",
            "opted_out,many",
            "conduct_rules.csv, line 2: share: expected decimal(6,4), found 'many'",
        ),
        (
            "rfm_breaks",
            "r,5,0",
            "r,NaN,0",
            "rfm_breaks.csv, line 2: score: expected integer, found 'NaN'",
        ),
        (
            "margins",
            "subscription,0.00",
            "subscription,inf",
            "margins.csv, line 2: margin: expected decimal(6,4), found 'inf'",
        ),
        (
            "conduct_rules",
            "opted_out,-0.30",
            "opted_out,",
            "conduct_rules.csv, line 2: share: expected a value, found none",
        ),
        (
            "conduct_rules",
            "opted_out,-0.30,",
            "opted_out,",
            "conduct_rules.csv, line 2: expected 4 fields, found 3",
        ),
        (
            "value_states",
            "lead_week,lead_lost",
            "lead_week,lead_gone",
            "value_states.csv, line 3: later_state: expected a state of value_states.csv, found lead_gone",
        ),
        (
            "thresholds",
            "lost_after_days,180",
            "lost_after_days,80",
            "thresholds.csv, line 9: lost_after_days: expected more than dormant_after_days, 90; found 80",
        ),
        (
            "seasons",
            "may_golden_week,2022-05-01,2022-05-05",
            "may_golden_week,2022-05-01,2022-04-05",
            "seasons.csv, line 4: ends_on: expected 2022-05-01, which is starts_on, or later, found 2022-04-05",
        ),
        ("seasons", "2022-01-25,", "25/01/2022,", "seasons.csv, line 2: starts_on: expected date, found '25/01/2022'"),
        ("seasons", "02-08,0.30", "02-08,0", "seasons.csv, line 2: activity: expected at least 0.1"),
        ("thresholds", "lost_after_days", "lost_after", "thresholds.csv: expected a row lost_after_days, found none"),
        ("transaction_kinds", "renewal,", "extension,", "kind: expected a kind of margins.csv, found extension"),
        (
            "grade_cuts",
            "grade,min_score",
            "grade,lowest",
            "grade_cuts.csv, line 1: expected the columns grade, min_score",
        ),
    ],
)
def test_a_broken_rule_is_refused_with_its_file_and_line(rules, name, old, new, said):
    edit(rules, name, old, new)
    assert said in refusal(rules)


def test_a_duplicate_line_names_the_first_line(rules):
    file = rules / "value_margins.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    assert f"line {len(lines) + 1}: product, demand_group: next_deal / sale is already in line 2" in refusal(rules)


def test_all_faults_of_all_tables_are_reported_at_once(rules):
    edit(rules, "conduct_rules", "opted_out,-0.30", "opted_out,many")
    edit(rules, "margins", "subscription,0.00", "subscription,")
    (rules / "abc_cuts.csv").unlink()
    said = refusal(rules)
    assert "abc_cuts.csv: expected this rules table" in said
    assert "conduct_rules.csv, line 2" in said
    edit(rules, "conduct_rules", "opted_out,many", "opted_out,-0.30")
    shutil.copy(RULES / "abc_cuts.csv", rules)
    assert "margins.csv, line 2: margin: expected a value, found none" in refusal(rules)


def test_an_empty_table_and_a_table_without_yml_are_refused(rules):
    file = rules / "margins.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    (rules / "bonus.csv").write_text("a\n1\n", encoding="utf-8")
    said = refusal(rules)
    assert "margins.csv: expected at least one row, found none" in said
    assert "bonus.csv: expected a bonus.yml" in said


def test_an_unknown_check_is_refused_with_the_known_checks(rules):
    file = rules / "margins.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("not_null:", "not_nul:"), encoding="utf-8")
    assert "margins.yml: expected one of the checks not_null, unique," in refusal(rules)


def test_every_rules_table_declares_checks_that_can_fail():
    for file in sorted(RULES.glob("*.yml")):
        (seed,) = yaml.safe_load(file.read_text(encoding="utf-8"))["seeds"]
        assert seed["config"]["meta"]["checks"], file.name
        assert "data_tests" not in file.read_text(encoding="utf-8"), f"{file.name}: dbt does not test rules tables"
