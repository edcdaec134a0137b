"""Exports as CRMs and sales floors write them: what the drafted mapping makes of each, staged as a run would."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.integration.ingest.draft.exports import (
    CALL_LOG,
    COVER,
    CUSTOMERS_TRADITIONAL,
    FOLLOW_UP_BOSS,
    HUBSPOT_CONTACTS,
    HUBSPOT_DEALS,
    LEASES,
    PAYMENTS,
    RESALE,
    SALESFORCE_LEADS,
    SALESFORCE_OPPORTUNITIES,
    SHOWINGS,
    SIGNINGS_ZH,
    VISITS_ZH,
    ZOHO_CALLS,
    ZOHO_DEALS,
    Drafted,
)
from tests.workbooks import workbook


def test_only_won_zoho_deals_are_sales(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"Deals.csv": ZOHO_DEALS})
    assert drafted.report.problems == []
    assert drafted.rows("transactions", "row_key", "kind", "amount") == [("x:zd1", "sale", 3_000_000)]
    assert drafted.doubts("'Stage'", "1 text", "unknown")
    assert drafted.counts[2] == 0


def test_zoho_calls_have_a_direction_and_an_answer_and_planned_calls_are_not_read(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"Calls.csv": ZOHO_CALLS})
    assert drafted.rows("interactions", "kind", "direction", "answered") == [
        ("call", "out", None),
        ("call", "in", None),
        ("call", "in", False),
    ]
    assert drafted.doubts("'Outgoing Call Status'", "'Scheduled' (1)")
    assert drafted.counts[2] == 0


def test_salesforce_leads_have_a_name_an_owner_and_a_status(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"Leads.csv": SALESFORCE_LEADS}, "America/Chicago")
    assert drafted.rows("leads", "full_name", "status", "agent_id") == [
        ("Ann Lee", "open", "Kim Roe"),
        ("Bo Ma", "open", "Kim Roe"),
        ("Xu", "converted", "Kim Roe"),
        ("Di Yu", "lost", "Kim Roe"),
        ("Ed Wu", "Recycled by Marketing", "Kim Roe"),
    ]
    assert drafted.doubts("'Lead Status'", "1 text")
    assert "timezone: America/Chicago" in drafted.draft.text
    assert drafted.doubts("America/Chicago", "TIERHOUSE_TIMEZONE")


def test_salesforce_opportunities_count_by_their_stage_not_by_their_type(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"Opportunities.csv": SALESFORCE_OPPORTUNITIES})
    assert drafted.rows("transactions", "row_key", "kind") == [("x:006A", "sale")]
    assert drafted.doubts("'Type'", "2 texts")


def test_hubspot_contacts_and_deals_become_one_source(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"contacts.csv": HUBSPOT_CONTACTS, "deals.csv": HUBSPOT_DEALS})
    assert drafted.report.problems == []
    assert drafted.rows("leads", "row_key", "status") == [("x:101", "open"), ("x:102", "open"), ("x:103", "lost")]
    assert drafted.rows("transactions", "row_key", "lead_id") == [("x:9001", "101")]
    assert drafted.counts[2] == 0


def test_follow_up_boss_people_are_leads(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"people.csv": FOLLOW_UP_BOSS})
    assert drafted.rows("leads", "full_name", "phone", "status") == [
        ("Ann Lee", "16000000001", "open"),
        ("Bo Ma", "16000000002", "open"),
        ("Cy Xu", "16000000003", "converted"),
        ("Di Yu", None, "invalid"),
    ]
    assert not drafted.doubts("'Stage'")


def test_a_call_log_without_ids_identifies_callers_by_their_phones(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"log.csv": CALL_LOG})
    assert drafted.rows("interactions", "direction", "answered") == [
        ("out", True),
        ("out", False),
        ("in", True),
        ("out", None),
    ]
    assert len(set(drafted.rows("interactions", "lead_id"))) == 3
    assert len(drafted.rows("leads", "phone")) == 3
    assert drafted.doubts("'Outcome'", "1 text")


def test_showings_are_read_by_their_status(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"showings.csv": SHOWINGS})
    assert drafted.rows("interactions", "row_key", "kind") == [("x:s1", "viewing"), ("x:s2", "cancellation")]
    assert drafted.doubts("'Showing Status'", "'Scheduled' (1)")


def test_leases_are_rentals_and_renewals(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"leases.csv": LEASES})
    assert drafted.rows("transactions", "row_key", "lead_id", "kind", "CAST(lease_end AS VARCHAR)") == [
        ("x:1", "T1", "rental", "2024-12-31"),
        ("x:2", "T1", "renewal", "2025-12-31"),
    ]
    assert drafted.doubts("'Lease Type'", "1 text")
    assert drafted.doubts("'Monthly Rent'", "whole term")


def test_a_deposit_is_no_sale(tmp_path: Path) -> None:
    text = (
        "Deal ID,Client ID,Deal Date,Deal Type,Amount,Status\nD1,C1,2025-03-07,Sale,100,Signed\n"
        "D2,C2,2025-03-08,Sale,100,Deposit Paid\nD3,C2,2025-03-08,Rent,100,Signed\nD4,C2,2025-03-08,Sale,100,Lost\n"
    )
    drafted = Drafted(tmp_path, {"deals.csv": text})
    assert drafted.rows("transactions", "row_key", "kind") == [
        ("x:D1", "sale"),
        ("x:D2", "deposit"),
        ("x:D3", "rental"),
    ]
    later = text + "D5,C3,2025-03-09,Sale,100,Bank Approval\nD6,C3,2025-03-09,Swap,100,Signed\n"
    drafted.home.raw(later, "deals.csv", "x")
    drafted.home.load()
    assert {row[2] for row in drafted.home.quarantine()} == {"stage_is_known", "translation"}


def test_deals_without_a_day_are_counted(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"sales.csv": RESALE})
    assert drafted.rows("transactions", "row_key", "amount") == [("x:S1", 310_000)]
    assert drafted.doubts("'Completion Date' is blank on 2 lines", "quarantined")
    assert drafted.doubts("'Status'", "2 texts")
    assert "currency: GBP" in drafted.draft.text


def test_interactions_with_a_blank_kind_are_follow_ups(tmp_path: Path) -> None:
    text = (
        "Activity ID,Lead ID,Activity Type,Activity Date\n1,L1,Call,2025-03-07\n2,L1,,2025-03-08\n3,L2,Fax,2025-03-08\n"
    )
    drafted = Drafted(tmp_path, {"activities.csv": text})
    assert drafted.rows("interactions", "row_key", "kind") == [
        ("x:1", "call"),
        ("x:2", "follow_up"),
        ("x:3", "follow_up"),
    ]
    assert drafted.doubts("'Activity Type'", "blank on 1 lines")
    assert drafted.doubts("'Activity Type'", "1 text")


def test_payments_count_by_state_and_by_type(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"payments.csv": PAYMENTS})
    assert drafted.rows("transactions", "row_key", "kind") == [
        ("x:y1", "deposit"),
        ("x:y2", "sale"),
        ("x:y4", "refund"),
    ]


def test_a_chinese_list_of_signings_counts_by_its_states(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"成交台账.csv": SIGNINGS_ZH})
    assert drafted.rows("transactions", "row_key", "kind", "amount") == [
        ("x:1", "sale", 3_105_000),
        ("x:2", "subscription", 4_500_000),
    ]
    assert drafted.doubts("'状态'", "1 text", "unknown")
    assert drafted.doubts("'状态'", "'退房' (1)")


def test_a_traditional_list_of_customers_is_read_as_a_simplified_one(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"客戶.csv": CUSTOMERS_TRADITIONAL}, "Asia/Taipei")
    assert drafted.report.problems == []
    assert drafted.rows("leads", "phone", "channel", "budget_max", "preferred_layout", "agent_id", "status") == [
        ("0912000001", "網路", 18_000_000, "三房", "林", "open"),
        ("0912000002", "路過", 25_000_000, "兩房", "林", "converted"),
        ("0912000003", "網路", 9_500_000, "三房", "王", "invalid"),
        ("0912000004", "網路", 12_000_000, "三房", "王", "改日再說"),
    ]
    assert "currency: TWD" in drafted.draft.text
    assert drafted.doubts("'狀態'", "1 text")


def test_the_sheet_with_data_is_drafted_and_all_sheets_are_listed(tmp_path: Path) -> None:
    old = [VISITS_ZH[1], [1, date(2019, 1, 1), "旧客", "16000000049", "路过", "两房", "100", "王"]]
    book = workbook({"封面": COVER, "来访登记": VISITS_ZH, "旧数据": old}, hidden=["旧数据"])
    drafted = Drafted(tmp_path, {"来访.xlsx": book})
    assert drafted.doubts("'封面' (2 rows)", "'来访登记' (3 rows)", "'旧数据' (1 row, hidden)", "'来访登记' is read")
    assert drafted.rows("interactions", "kind", "agent_id") == [("viewing", "李"), ("viewing", "李"), ("viewing", "王")]
    assert drafted.rows("leads", "phone", "budget_max") == [("16000000041", 4_000_000), ("160 0000 0042", 2_500_000)]


def test_sheets_of_the_same_columns_are_read_together(tmp_path: Path) -> None:
    book = workbook({"封面": COVER, "3月": VISITS_ZH, "4月": [VISITS_ZH[1], [1, date(2025, 4, 2), *VISITS_ZH[4][2:]]]})
    drafted = Drafted(tmp_path, {"来访.xlsx": book})
    assert 'sheet: "*月"' in drafted.draft.text
    assert len(drafted.rows("interactions", "kind")) == 4
