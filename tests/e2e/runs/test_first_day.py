"""A home with one week of data: graded without a model; the output says which data a model needs."""

import pytest

from tests.home import LAST_DAY, copy_home, published, tierhouse


def test_a_home_without_a_model_is_graded_by_rules_and_rates(young):
    grades = published(young.home, "customer_grades")
    assert len(grades) == 50
    assert grades["churn_status"].value_counts().to_dict() == {"not_engaged": 40, "not_trained": 10}
    assert grades["churn_probability"].isna().all()
    assert (grades["expected_value_12m"] > 0).all()
    assert set(published(young.home, "model_report")["model"]) <= {"not_available", "not_offered"}


def test_without_a_model_a_customer_with_a_trigger_is_warned_of(young):
    churn = published(young.home, "customer_churn")
    assert len(churn) == 10
    assert set(churn["horizon_days"]) == {90}
    assert churn["churn_probability"].isna().all()
    complained = churn["triggers"].fillna("").str.contains("Complaint")
    assert complained.sum() == 2
    assert (churn["warning_level"] == complained.map({True: "low", False: "none"})).all()
    assert churn.loc[complained, "action"].notna().all()


@pytest.fixture(scope="module")
def changed(young, tmp_path_factory):
    """A copy for tests that change the home."""
    return copy_home(young.home, tmp_path_factory.mktemp("young") / "home")


def test_training_a_young_home_prints_the_first_possible_day_of_each_question(changed):
    done = tierhouse(changed, "train", "--as-of", LAST_DAY)
    assert "dormancy, 60 days" in done.stdout
    assert done.stdout.count("not yet") == 6
    assert "first possible on 2026-11-25, if contacts go on" in done.stdout
    assert done.stdout.count("needs deals: map `transactions`") == 2
    assert "grades by rules and rates" in done.stdout


def test_the_closing_lines_say_what_to_map_next(young):
    output = young.done.stdout
    assert "For better grades, map next:" in output
    assert "  budget (budget_min, budget_max):" in output
    assert "  demand type (demand_type):" in output
    assert "  deals (transactions):" in output
    assert "channel (channel)" not in output
    assert "contacts (interactions)" not in output
    assert "  Unusual   grades on 2026-06-30: 100% of the customers have one grade" in output
