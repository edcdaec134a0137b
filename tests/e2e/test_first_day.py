"""A home whose data are a week old: graded without a model, and told what a model waits for."""

from tests.home import published


def test_a_home_without_a_model_is_graded_by_rules_and_rates(young):
    grades = published(young.home, "customer_grades")
    assert len(grades) == 50
    assert grades["churn_status"].value_counts().to_dict() == {"not_engaged": 40, "not_trained": 10}
    assert grades["churn_probability"].isna().all()
    assert (grades["expected_value_12m"] > 0).all()
    assert set(published(young.home, "model_report")["model"]) == {"not_available"}


def test_without_a_model_the_triggers_are_shown_and_warn_of_whoever_shows_one(young):
    churn = published(young.home, "customer_churn")
    assert len(churn) == 10
    assert set(churn["horizon_days"]) == {90}
    assert churn["churn_probability"].isna().all()
    complained = churn["triggers"].fillna("").str.contains("Complaint")
    assert complained.sum() == 2
    assert (churn["warning_level"] == complained.map({True: "low", False: "none"})).all()
    assert churn.loc[complained, "action"].notna().all()
