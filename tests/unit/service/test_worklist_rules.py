"""The rules that dbt tests on every work list, each on a list that keeps it and on one that does not."""

from __future__ import annotations

import pytest

from tests.rendered import run

TESTS = "tests/singular"
LISTED = "SELECT DATE '2026-06-30' AS as_of, agent_id, customer_id, task, is_marketing FROM (VALUES {rows}) AS t(agent_id, customer_id, task, is_marketing)"  # noqa: E501
CAPACITIES = "SELECT DATE '2026-06-30' AS as_of, 'a1' AS agent_id, 2 AS capacity_per_day"
THRESHOLDS = "SELECT 1 AS capacity_per_day"
WITHIN = "('a1', 'c1', 'complaint', false), ('a1', 'c2', 'warning', true), ('a2', 'c3', 'warning', true)"


def beyond_capacity(rows: str) -> list[str]:
    found = run(
        f"{TESTS}/worklists_stay_within_capacity.sql",
        agent_worklist=LISTED.format(rows=rows),
        int_capacities__by_as_of=CAPACITIES,
        int_thresholds=THRESHOLDS,
    )
    return sorted(found["agent_id"])


def test_a_list_within_capacity_passes_and_the_queue_has_none():
    queue = "('unassigned', 'c4', 'warning', true), ('unassigned', 'c5', 'warning', true)"
    assert beyond_capacity(f"{WITHIN}, {queue}") == []


@pytest.mark.parametrize("agent", ["a1", "a2"])
def test_a_line_too_many_is_found_whether_the_capacity_is_known_or_that_of_the_rules(agent):
    assert beyond_capacity(f"{WITHIN}, ('{agent}', 'c9', 'warning', true)") == [agent]


def wrongly_called(rows: str, opted_out: str = "nobody", held_out: str = "nobody") -> list[str]:
    found = run(
        f"{TESTS}/worklists_respect_opt_outs_and_hold_outs.sql",
        agent_worklist=LISTED.format(rows=rows),
        int_listed_tasks="SELECT 'k1' AS customer_key, true AS is_winback",
        stg_identity__customers="SELECT 'k1' AS customer_key, 'c1' AS customer_id",
        int_opt_outs__by_customer_as_of=f"SELECT DATE '2026-06-30' AS as_of, '{opted_out}' AS customer_key, "
        "DATE '2026-06-01' AS heeded_on",
        int_held_out_customers=f"SELECT '{held_out}' AS customer_key",
    )
    return sorted(found["customer_id"])


WARNING = "('a1', 'c1', 'warning', true)"
COMPLAINT = "('a1', 'c1', 'complaint', false)"


def test_who_has_not_opted_out_may_be_called():
    assert wrongly_called(WARNING) == []


def test_who_opted_out_is_found_on_a_list_for_marketing_and_not_for_a_complaint():
    assert wrongly_called(WARNING, "k1") == ["c1"]
    assert wrongly_called(COMPLAINT, "k1") == []


def test_who_is_held_out_is_found_on_a_list_for_win_back():
    assert wrongly_called(WARNING, held_out="k1") == ["c1"]


def open_twice(second: str) -> int:
    case = "SELECT DATE '2026-06-30' AS as_of, 'k1' AS customer_key, '{status}' AS status"
    cases = f"{case.format(status='open')} UNION ALL {case.format(status=second)}"
    return len(run(f"{TESTS}/a_customer_has_one_open_case.sql", int_cases__by_as_of=cases))


def test_two_open_cases_of_a_customer_are_found():
    assert open_twice("superseded") == 0
    assert open_twice("open") == 1


def arms_that_changed(now: str) -> list[str]:
    found = run(
        f"{TESTS}/case_arms_do_not_change.sql",
        int_case_openings=f"SELECT * FROM (VALUES ('old', '{now}'), ('new', 'treated')) AS t(case_id, arm)",
        stg_ledger__cases="SELECT 'old' AS case_id, 'hold_out' AS arm",
    )
    return list(found["case_id"])


def test_an_arm_that_is_not_the_one_of_the_ledger_is_found():
    assert arms_that_changed("hold_out") == []
    assert arms_that_changed("treated") == ["old"]


RULES = {
    "every_warning_has_a_response": {
        "causes": "SELECT 'price' AS cause",
        "warning_levels": "SELECT unnest(['low', 'high']) AS level",
        "responses": "SELECT 'price' AS cause, unnest(['low', 'high']) AS level, 'offer' AS action",
    },
    "every_grade_has_four_strategies": {
        "grade_cuts": "SELECT 'A' AS grade",
        "strategies": "SELECT 'A' AS grade, situation, situation != 'opted_out' AS is_marketing "
        "FROM unnest(['usual', 'loyal', 'leaving', 'opted_out']) AS t(situation)",
    },
}


@pytest.mark.parametrize("rule", RULES)
def test_a_gap_in_the_rules_is_found(rule):
    *_, (name, table) = RULES[rule].items()
    short = {**RULES[rule], name: f"SELECT * FROM ({table}) LIMIT 1"}
    assert run(f"{TESTS}/{rule}.sql", **RULES[rule]).empty
    assert len(run(f"{TESTS}/{rule}.sql", **short)) == 1


def test_a_strategy_for_opted_out_customers_that_is_marketing_is_found():
    grade_cuts, strategies = RULES["every_grade_has_four_strategies"].values()
    marketing = f"SELECT grade, situation, true AS is_marketing FROM ({strategies})"
    assert len(run(f"{TESTS}/every_grade_has_four_strategies.sql", grade_cuts=grade_cuts, strategies=marketing)) == 1
