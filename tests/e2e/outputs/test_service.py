"""Work lists, cases and the CRM export of the demo."""

from __future__ import annotations

import duckdb
import pandas as pd

from tests.home import LAST_DAY, published

RECORDS = """
    SELECT substr(record_key, length('demo:') + 1) AS lead_id, grade
    FROM identity.customer_records
    JOIN identity.customers USING (customer_key)
    JOIN marts.customer_grades USING (customer_id)
    ORDER BY 1
"""


def test_the_export_has_the_grade_of_the_customer_for_each_record_id(demo):
    file = demo.home / "crm_export" / "current" / "demo.csv"
    assert file.stat().st_mode & 0o777 == 0o600
    exported = pd.read_csv(file, dtype=str)
    with duckdb.connect(str(demo.home / "warehouse.duckdb"), read_only=True) as connection:
        records = connection.execute(RECORDS).df()
    assert exported["lead_id"].tolist() == records["lead_id"].tolist()
    assert exported["grade"].tolist() == records["grade"].tolist()
    assert exported["next_action_zh"].notna().all() and set(exported["as_of"]) == {LAST_DAY}


def test_every_warning_from_middle_on_is_a_case_and_the_hold_out_arm_is_served_as_usual(demo):
    cases = published(demo.home, "winback_cases").set_index("customer_id")
    churn = published(demo.home, "customer_churn").dropna(subset="warning_level").set_index("customer_id")
    warned = churn[churn["warning_level"].isin(["middle", "high", "urgent"])]
    opted_out = published(demo.home, "customer_grades").query("is_opted_out")["customer_id"]
    assert set(warned.index) - set(opted_out) == set(cases.index)
    held_out = warned[cases["arm"].reindex(warned.index) == "hold_out"]
    assert set(held_out["action"]) <= {"Serve as usual"} and held_out["due_on"].isna().all()
    tasks = published(demo.home, "agent_worklist").set_index("customer_id")["task"]
    assert not tasks.reindex(held_out.index).eq("warning").any()


def test_past_campaigns_are_measured_against_their_hold_outs(demo):
    outcomes = published(demo.home, "winback_outcomes")
    campaigns = outcomes[outcomes["campaign"].str.startswith("winback/")]
    assert len(campaigns) >= 5 and (campaigns["treated_customers"] > campaigns["hold_out_customers"]).all()
    assert not (set(campaigns["likely_cause"]) | set(campaigns["action"])) & {"unknown", "all"}


def test_the_work_list_of_a_source_is_that_of_its_agents_and_offers_nothing_to_the_opted_out(demo):
    file = demo.home / "crm_export" / "current" / "worklist_demo.csv"
    assert file.stat().st_mode & 0o777 == 0o600
    lines = pd.read_csv(file, dtype={"lead_id": str})
    listed = published(demo.home, "agent_worklist")
    assert len(lines) == len(listed) and lines.groupby("agent_id")["rank"].is_monotonic_increasing.all()
    assert lines["agent_id"].str.fullmatch(r"A\d+").all()
    assert lines["is_overdue"].equals(lines["days_overdue"].gt(0)) and lines["is_overdue"].any()
    refused = lines[lines["is_opted_out"]]
    assert set(refused["task"]) <= {"Complaint", "Enquiry"} and refused["best_listing"].isna().all()
    levels = listed["warning_level"].map({"urgent": 3, "high": 2, "middle": 1})
    cases = listed.assign(level=levels).dropna(subset="level").sort_values(["agent_id", "priority"])
    assert cases.groupby("agent_id")["level"].is_monotonic_decreasing.all()
    first_of_others = listed[listed["is_marketing"] & levels.isna()].groupby("agent_id")["priority"].min()
    last_of_cases = cases.groupby("agent_id")["priority"].max()
    assert last_of_cases.lt(first_of_others.reindex(last_of_cases.index, fill_value=1e9)).all()
