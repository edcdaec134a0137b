"""Consent in the demo: no outward table markets to a customer who has opted out, and the gate finds one that does."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from pipelines.publish.outward import count_marketing, marketing_lines, outward_tables
from tests.home import published

OUTWARD = {
    "agent_worklist": "action = 'Send listings that fit and offer a viewing'",
    "crm_records": "next_action_zh = '自动发送挽回消息'",
    "crm_worklist": "action_zh = '推送匹配房源，邀约到访看房'",
    "customer_churn": "action = 'Serve as usual'",
    "customer_grades": "strategy = 'Automatic win-back message'",
    "listing_matches": "",
    "winback_cases": "action_zh = '电话回访，了解需求变化'",
}
"""Outward table → a value that the row of an opted-out customer must not have; empty where the row itself is wrong."""
ROWS = {
    "listing_matches": "INSERT INTO marts.listing_matches BY NAME "
    "SELECT as_of, customer_id, 1 AS match_rank FROM marts.customer_grades WHERE is_opted_out LIMIT 1",
    "winback_cases": "INSERT INTO marts.winback_cases BY NAME "
    "SELECT as_of, customer_id, 'open' AS status FROM marts.customer_grades WHERE is_opted_out LIMIT 1",
    "agent_worklist": "INSERT INTO marts.agent_worklist BY NAME "
    "SELECT as_of, customer_id, 1 AS tasks_of_agent FROM marts.customer_grades WHERE is_opted_out LIMIT 1",
    "crm_worklist": "INSERT INTO service.crm_worklist BY NAME "
    "SELECT as_of, source, lead_id FROM service.crm_records WHERE is_opted_out LIMIT 1",
}
"""Rows of opted-out customers where the demo has none that could be changed."""


@pytest.fixture
def warehouse(demo, tmp_path) -> duckdb.DuckDBPyConnection:
    copy = shutil.copy(demo.home / "warehouse.duckdb", tmp_path / "warehouse.duckdb")
    with duckdb.connect(str(copy)) as connection:
        yield connection


def refusing_records(home: Path) -> set[str]:
    """Lead ids that any line of the demo's files refuses marketing for."""
    files = sorted((home / "demo").rglob("leads*"))
    lines = pd.concat(pd.read_csv(file, dtype=str) for file in files)
    return set(lines.loc[lines["marketing_consent"] == "否", "lead_id"])


def reached_by_the_same_contact(home: Path, customers: set[str]) -> set[str]:
    """These customers, and those with one of their phones or e-mails."""
    contacts = """
        SELECT customer_id, unnest(string_split(concat_ws(', ', phone, email), ', ')) AS contact
        FROM directory
        WHERE phone IS NOT NULL OR email IS NOT NULL
    """
    with duckdb.connect(str(home / "restricted.duckdb"), read_only=True) as connection:
        found = connection.execute(contacts).df()
    theirs = found.loc[found["customer_id"].isin(customers), "contact"]
    return customers | set(found.loc[found["contact"].isin(theirs), "customer_id"])


def test_a_customer_who_refuses_in_any_record_gets_no_marketing_in_any_table(demo):
    with duckdb.connect(str(demo.home / "warehouse.duckdb"), read_only=True) as connection:
        records = connection.execute(
            "SELECT record_key, customer_id FROM identity.customer_records JOIN identity.customers USING (customer_key)"
        ).df()
    refusing = records["record_key"].str.removeprefix("demo:").isin(refusing_records(demo.home))
    refusers = set(records.loc[refusing, "customer_id"])
    expected = reached_by_the_same_contact(demo.home, refusers)
    assert len(expected) > len(refusers), "a family shares the phone of a refuser"
    grades = published(demo.home, "customer_grades").set_index("customer_id")
    assert set(grades.index[grades["is_opted_out"]]) == expected and len(expected) > 50
    assert grades.loc[list(expected), "strategy"].str.startswith("No marketing").all()
    assert set(grades.loc[list(expected), "grade"]) == set("ABCD"), "grades stay"

    of_expected = {
        table: rows[rows["customer_id"].isin(expected)]
        for table in OUTWARD
        if not table.startswith("crm_")
        for rows in [published(demo.home, table)]
    }
    assert of_expected["listing_matches"].empty and of_expected["winback_cases"].empty
    assert not of_expected["agent_worklist"]["is_marketing"].any()
    assert of_expected["agent_worklist"]["is_opted_out"].all()
    assert set(of_expected["customer_churn"]["action"].dropna()) == {"No marketing: service of running contracts only"}
    assert of_expected["customer_churn"]["due_on"].isna().all()

    file = demo.home / "crm_export" / "current" / "demo.csv"
    exported = pd.read_csv(file, dtype={"lead_id": str})
    refused = exported[
        exported["lead_id"].isin(records.loc[records["customer_id"].isin(expected), "record_key"].str[5:])
    ]
    assert refused["is_opted_out"].all() and refused["opted_out_on"].notna().all()
    assert not exported.loc[~exported["lead_id"].isin(refused["lead_id"]), "is_opted_out"].any()
    assert set(refused["next_action"]) <= {*grades["strategy"], "Answer the complaint", "Answer the enquiry"}
    assert not refused["next_action"].isin(set(grades.loc[~grades["is_opted_out"], "strategy"])).any()


def test_the_outward_tables_pass_and_each_is_found_when_it_markets_to_an_opted_out_customer(warehouse):
    tables = outward_tables()
    assert [table.table for table in tables] == sorted(OUTWARD)
    clean = count_marketing(warehouse, tables)
    assert (clean["rows_marketing"] == 0).all() and marketing_lines(clean) == []
    assert clean.set_index("table_name").loc["customer_grades", "rows_opted_out"] > 50

    refusing = "SELECT customer_id FROM marts.customer_grades WHERE is_opted_out"
    records = "SELECT substr(record_key, 6) FROM identity.customer_records JOIN identity.customers USING (customer_key)"
    for number, table in enumerate(tables):
        if table.table in ROWS:
            warehouse.execute(ROWS[table.table])
        if OUTWARD[table.table]:
            whose = (
                f"customer_id IN ({refusing})"
                if table.key == "customer_id"
                else (f"lead_id IN ({records} WHERE customer_id IN ({refusing}))")
            )
            warehouse.execute(f"UPDATE {table.name} SET {OUTWARD[table.table]} WHERE {whose}")
        failing = count_marketing(warehouse, tables).query("rows_marketing > 0")["table_name"].tolist()
        assert failing == sorted(OUTWARD)[: number + 1]


def test_a_table_that_is_gone_is_not_passed(warehouse):
    tables = outward_tables()
    warehouse.execute("DROP TABLE service.crm_records")
    counts = count_marketing(warehouse, tables).set_index("table_name")
    assert counts["rows_marketing"].isna().tolist() == [name == "crm_records" for name in sorted(OUTWARD)]
