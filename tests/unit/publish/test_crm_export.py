"""The files that go back to the source systems: one per source, by its own ids, for their owner alone."""

from __future__ import annotations

import csv

import duckdb
import pandas as pd
import pytest

from pipelines.publish.crm_export import TASKS, ExportClash, build_export

RECORDS = """
    CREATE TABLE service.crm_records AS
    SELECT source, lead_id, 'A' AS grade, 'Low' AS intent, '低' AS intent_zh,
        'high' AS warning_level, '高' AS warning_level_zh,
        'Call, then visit' AS next_action, '电话回访' AS next_action_zh, DATE '2026-07-01' AS due_on,
        false AS is_opted_out, NULL::DATE AS opted_out_on, DATE '2026-06-30' AS as_of
    FROM (VALUES ('crm', '0012'), ('crm', '0011'), ('portal', 'x,"1"')) AS t(source, lead_id)
"""

WORKLIST = """
    CREATE TABLE service.crm_worklist AS
    SELECT 'crm' AS source, lead_id, agent_id, agent_id AS agent_key, rank, 'Warning' AS task, '流失预警' AS task_zh,
        'R' AS reason, '理由' AS reason_zh, 'Call' AS action, '电话回访' AS action_zh, 'Urgent' AS warning_level,
        '紧急' AS warning_level_zh, 'B' AS value_grade, 'Low' AS intent, '低' AS intent_zh,
        'Online' AS contact_channel, '线上' AS contact_channel_zh, 'Rent' AS demand_type, '租房' AS demand_type_zh,
        '=1+1' AS project, 3000 AS budget_min, 4000 AS budget_max, 'CNY' AS budget_currency, 'month' AS budget_period,
        'property-0' AS best_listing, '+1' AS best_listing_project, 3500 AS best_listing_price,
        12.5 AS expected_benefit, 'In the budget' AS why, '预算内' AS why_zh,
        TIMESTAMP '2026-06-30 10:00:00' AS due_at, true AS is_overdue, 1 AS days_overdue,
        false AS is_opted_out, DATE '2026-06-30' AS as_of
    FROM (VALUES ('0012', 'agent-1', 2), ('0011', 'agent-1', 10), ('0013', 'agent-1', 1), ('0014', 'unassigned', 1))
        AS t(lead_id, agent_id, rank)
"""


@pytest.fixture
def warehouse(tmp_path):
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA service")
        connection.execute(RECORDS)
        connection.execute(WORKLIST)
    return file


@pytest.fixture
def keys(tmp_path):
    file = tmp_path / "keys.parquet"
    rows = [("record", "+8613800138000", "record-0"), ("agent", "A7", "agent-1"), ("property", "-H;=1", "property-0")]
    pd.DataFrame(rows, columns=["kind", "text", "key"]).to_parquet(file)
    return file


def test_each_source_gets_its_own_records_back_in_order_and_unchanged(warehouse, keys, tmp_path):
    assert build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "2026-06-30-1") == {
        "crm": 2,
        "portal": 1,
    }
    folder = tmp_path / "crm_export" / "versions" / "2026-06-30-1"
    crm, portal = (pd.read_csv(folder / f"{name}.csv", dtype=str) for name in ("crm", "portal"))
    assert list(crm["lead_id"]) == ["0011", "0012"]
    assert list(portal["lead_id"]) == ['x,"1"']
    assert crm.loc[0, ["grade", "warning_level", "next_action", "due_on"]].tolist() == [
        "A", "high", "Call, then visit", "2026-07-01",
    ]  # fmt: skip
    assert "customer_id" not in crm


def test_nobody_but_the_owner_can_read_them(warehouse, keys, tmp_path):
    build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "v")
    made = [tmp_path / "crm_export", *(tmp_path / "crm_export").rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in made} == {0}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o600}


def test_a_version_built_again_replaces_itself_and_what_a_killed_run_left(warehouse, keys, tmp_path):
    versions = tmp_path / "crm_export" / "versions"
    (versions / ".v.partial").mkdir(parents=True)
    (versions / ".v.partial" / "gone.csv").touch()
    build_export(warehouse, keys, versions, "v")
    build_export(warehouse, keys, versions, "v")
    assert [path.name for path in versions.iterdir()] == ["v"]
    assert sorted(path.name for path in (versions / "v").iterdir()) == [
        "crm.csv", "manifest.json", "portal.csv", "worklist_crm.csv", "worklist_portal.csv",
    ]  # fmt: skip


def test_no_records_are_no_files(warehouse, keys, tmp_path):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("DELETE FROM service.crm_records")
    assert build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "v") == {}


def test_a_spreadsheet_that_parts_at_semicolons_finds_no_formula_within_an_id(warehouse, keys, tmp_path):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE service.crm_records SET lead_id = 'L1;=1+1' WHERE source = 'portal'")
    build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "v")
    with (tmp_path / "crm_export" / "versions" / "v" / "portal.csv").open(encoding="utf-8", newline="") as stream:
        (row,) = list(csv.reader(stream, delimiter=";"))[1:]
    assert not any(cell.startswith("=") for cell in row)


def test_no_spreadsheet_runs_a_record_id_and_every_id_can_be_matched_again(warehouse, keys, tmp_path):
    written = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "'=1", "'", "a=1", "0-1"]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE service.crm_records SET source = 'crm'")
        for lead_id in [*written, "record-0"]:
            connection.execute(
                "INSERT INTO service.crm_records SELECT DISTINCT ON (source) * REPLACE (? AS lead_id) "
                "FROM service.crm_records", [lead_id],
            )  # fmt: skip
    build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "v")
    with (tmp_path / "crm_export" / "versions" / "v" / "crm.csv").open(newline="", encoding="utf-8") as stream:
        cells = [row["lead_id"] for row in csv.DictReader(stream)]
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r\n＝"]
    assert set(written) | {"+8613800138000"} <= {cell.removeprefix("'") for cell in cells}


def worklist(warehouse, keys, tmp_path, source):
    build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "v")
    file = tmp_path / "crm_export" / "versions" / "v" / f"worklist_{source}.csv"
    return file, pd.read_csv(file, dtype=str, keep_default_na=False)


def test_a_work_list_has_the_tasks_of_each_agent_by_rank_with_the_ids_of_the_source(warehouse, keys, tmp_path):
    file, lines = worklist(warehouse, keys, tmp_path, "crm")
    assert list(lines.columns) == list(TASKS.columns) and "customer_id" not in lines
    assert lines[["agent_id", "agent_key", "rank", "lead_id"]].to_numpy().tolist() == [
        ["A7", "agent-1", "1", "0013"], ["A7", "agent-1", "2", "0012"], ["A7", "agent-1", "10", "0011"],
        ["unassigned", "unassigned", "1", "0014"],
    ]  # fmt: skip
    assert set(lines["budget_period"]) == {"month"} and set(lines["best_listing_price"]) == {"3500"}
    assert set(lines["is_overdue"]) == {"true"} and set(lines["days_overdue"]) == {"1"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_excel_reads_a_work_list_as_utf_8(warehouse, keys, tmp_path):
    file, _ = worklist(warehouse, keys, tmp_path, "crm")
    assert file.read_bytes().startswith("\ufefflead_id,".encode())


def test_a_source_without_tasks_has_an_empty_list(warehouse, keys, tmp_path):
    _, lines = worklist(warehouse, keys, tmp_path, "portal")
    assert lines.empty and list(lines.columns) == list(TASKS.columns)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_no_spreadsheet_runs_a_text_of_a_work_list(warehouse, keys, tmp_path, delimiter):
    file, lines = worklist(warehouse, keys, tmp_path, "crm")
    assert set(lines["project"]) == {"'=1+1"} and set(lines["best_listing_project"]) == {"'+1"}
    assert set(lines["best_listing"]) == {"'-H;'=1"}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        cells = [cell for row in csv.reader(stream, delimiter=delimiter) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_source_named_like_a_work_list_is_refused(warehouse, keys, tmp_path):
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE service.crm_records SET source = 'worklist_crm' WHERE source = 'portal'")
    with pytest.raises(ExportClash, match=r"rename the mapping sources/worklist_crm.yml"):
        build_export(warehouse, keys, tmp_path / "crm_export" / "versions", "v")
