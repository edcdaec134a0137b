"""Exports as CRMs and sales floors write them: what the drafted mapping makes of each, staged as a run would."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.draft import Draft, draft_mapping
from pipelines.ingest.mapping.load import load_mapping
from tests.ingest_home import IngestHome, counts
from tests.workbooks import workbook

ZOHO_DEALS = """\
Record Id,Deal Owner.id,Deal Owner,Deal Name,Amount,Currency,Stage,Closing Date,Contact Name.id,Created Time
zd1,zu1,Li,Flat 3,"3,000,000",CNY,Closed Won,2025-03-01,zc1,2025-01-05 10:00:00
zd2,zu1,Li,Flat 4,"9,000,000",CNY,Closed Lost,2025-03-02,zc2,2025-01-06 10:00:00
zd3,zu2,Wu,Flat 5,"8,000,000",CNY,Negotiation/Review,2025-09-03,zc3,2025-01-07 10:00:00
zd4,zu2,Wu,Flat 6,,CNY,Needs Analysis,2025-09-04,zc3,2025-02-07 10:00:00
zd5,zu2,Wu,Flat 7,"5,500,000",CNY,Waiting for the Bank,2025-09-04,zc1,2025-02-08 10:00:00
zd6,zu2,Wu,Flat 8,"5,500,000",CNY,Closed Lost to Competition,,zc4,2025-02-09 10:00:00
"""
ZOHO_CALLS = """\
Record Id,Subject,Call Type,Call Start Time,Call Duration,Outgoing Call Status,Call Owner.id,Contact Name.id
k1,Hello,Outbound,2025-03-01 10:00:00,02:10,Completed,zu1,zc1
k2,Back,Inbound,2025-03-02 10:00:00,01:10,,zu1,zc2
k3,Missed,Missed,2025-03-03 10:00:00,00:00,,zu1,zc3
k4,Plan,Outbound,2025-12-03 10:00:00,,Scheduled,zu1,zc3
"""
SALESFORCE_LEADS = """\
Lead ID,First Name,Last Name,Company / Account,Email,Phone,Lead Source,Lead Status,Lead Owner,Create Date
00Q1,Ann,Lee,,a@example.com,16000000001,Web,Open - Not Contacted,Kim Roe,3/7/2025
00Q2,Bo,Ma,,b@example.com,16000000002,Web,Working - Contacted,Kim Roe,3/17/2025
00Q3,,Xu,,c@example.com,16000000003,Referral,Closed - Converted,Kim Roe,3/18/2025
00Q4,Di,Yu,,d@example.com,16000000004,Web,Closed - Not Converted,Kim Roe,3/19/2025
00Q5,Ed,Wu,,e@example.com,16000000005,Web,Recycled by Marketing,Kim Roe,3/20/2025
"""
SALESFORCE_OPPORTUNITIES = """\
Opportunity ID,Opportunity Name,Account ID,Type,Stage,Won,Close Date,Amount,Amount Currency,Owner,Created Date
006A,Unit 1,001A,New Business,Closed Won,1,3/27/2025,310000,USD,Kim Roe,1/7/2025
006B,Unit 2,001B,Existing Business,Prospecting,0,4/27/2025,410000,USD,Kim Roe,1/8/2025
006C,Unit 3,001B,New Business,Proposal/Price Quote,0,4/28/2025,410000,USD,Kim Roe,1/9/2025
"""
HUBSPOT_CONTACTS = """\
Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Marketing contact status,Create Date
101,Ann,Lee,a@example.com,+86 16000000001,Kim Roe,New,Marketing contact,2025-03-07 10:11
102,Bo,Ma,b@example.com,+86 16000000002,Kim Roe,Bad timing,Marketing contact,2025-03-08 10:11
103,Cy,Xu,c@example.com,,,Unqualified,Marketing contact,2025-03-09 10:11
"""
HUBSPOT_DEALS = """\
Record ID,Deal Name,Deal Stage,Pipeline,Close Date,Deal owner,Amount,Create Date,Associated Contact IDs
9001,House A,Closed won,Sales Pipeline,2025-04-01 00:00,Kim Roe,850000.0,2025-03-10 09:00,101
9002,House B,Appointment scheduled,Sales Pipeline,,Kim Roe,,2025-03-11 09:00,102
9003,House C,Contract sent,Sales Pipeline,2025-08-01 00:00,Kim Roe,640000.0,2025-03-12 09:00,103
"""
FOLLOW_UP_BOSS = """\
ID,Date Added,First Name,Last Name,Stage,Lead Source,Is Contacted,Assigned To,Phone 1,Phone 1 - Type,Email 1,Tags
1,2025-03-07 10:11:12,Ann,Lee,Lead,Zillow,Yes,Kim Roe,16000000001,mobile,a@example.com,
2,2025-03-08 10:11:12,Bo,Ma,Hot Prospect,Zillow,Yes,Kim Roe,16000000002,mobile,b@example.com,
3,2025-03-09 10:11:12,Cy,Xu,Closed,Referral,Yes,Kim Roe,16000000003,mobile,,
4,2025-03-10 10:11:12,Di,Yu,Trash,Zillow,No,Kim Roe,,,d@example.com,
"""
CALL_LOG = """\
Date,Name,Phone,Direction,Outcome,Agent
2025-03-07 10:00,Ann Lee,16000000001,Outgoing,Connected,Kim Roe
2025-03-08 10:00,Ann Lee,16000000001,Outgoing,No answer,Kim Roe
2025-03-09 10:00,Bo Ma,16000000002,Incoming,Connected,Kim Roe
2025-03-10 10:00,Cy Xu,16000000003,Outgoing,Line trouble,Kim Roe
"""
SHOWINGS = """\
Showing ID,Contact ID,Showing Date,Property ID,Showing Status,Agent
s1,c1,2025-03-07 10:00,p1,Completed,Kim Roe
s2,c1,2025-03-08 10:00,p2,No Show,Kim Roe
s3,c2,2025-12-09 10:00,p2,Scheduled,Kim Roe
"""
PAYMENTS = """\
Payment ID,Customer ID,Payment Date,Payment Type,Amount,Payment Status,Currency
y1,c1,2025-03-07,Deposit,50000,Paid,CNY
y2,c1,2025-04-07,Final payment,2950000,Paid,CNY
y3,c2,2025-04-08,Deposit,50000,Pending,CNY
y4,c3,2025-04-09,Refund,50000,Paid,CNY
"""
LEASES = """\
Lease ID,Tenant ID,Lease Type,Start Date,Lease End Date,Monthly Rent
1,T1,New,2024-01-01,2024-12-31,1500
2,T1,Renewal,2025-01-01,2025-12-31,1600
3,T2,Sublet,2025-01-01,2025-12-31,1600
"""
RESALE = """\
Reference,Buyer Name,Buyer Phone,Agreed Price,Completion Date,Status
S1,Ann Lee,07000000001,"£310,000",14/03/2025,Completed
S2,Bo Ma,07000000002,"£410,000",,Sold STC
S3,Cy Xu,07000000003,"£510,000",,Fallen through
"""
SIGNINGS_ZH = """\
成交编号,客户姓名,联系电话,成交日期,房号,建筑面积,成交总价(万),付款方式,状态,置业顾问
1,张三,16000000001,2025-03-07,1-101,89.5,310.5,按揭,已签约,李四
2,王五,16000000002,2025-03-08,1-102,120,450,一次性,已认购,李四
3,赵六,16000000003,2025-03-09,1-103,89.5,310,按揭,退房,李四
4,钱七,16000000004,2025-03-10,1-104,89.5,310,按揭,特批,李四
"""
CUSTOMERS_TRADITIONAL = """\
姓名,電話,客戶來源,建立日期,預算（萬）,房型,坪數,業務,狀態
陳一,0912000001,網路,2025/3/7,"1,800",三房,28.5,林,跟進中
林二,0912000002,路過,2025/3/8,"2,500",兩房,30,林,已成交
黃三,0912000003,網路,2025/3/9,950,三房,22,王,無效
黃四,0912000004,網路,2025/3/10,1200,三房,22,王,改日再說
"""
VISITS_ZH = [
    ["来访登记表"],
    ["序号", "来访日期", "客户姓名", "联系电话", "认知途径", "意向户型", "预算（万）", "置业顾问"],
    [1, date(2025, 3, 1), "赵一", "16000000041", "抖音", "三房", "300-400", "李"],
    [2, date(2025, 3, 8), "赵一", "16000000041", "抖音", "三房", "300-400", "李"],
    [3, date(2025, 3, 9), "钱二", "160 0000 0042", "路过", "两房", "250", "王"],
]
COVER = [["XX项目"], ["制表", "2025年6月"]]


class Drafted:
    """A drafted mapping, and what a run takes by it."""

    def __init__(self, folder: Path, files: dict[str, str | bytes], zone: str = "Asia/Shanghai") -> None:
        self.home = IngestHome.at(folder / "home", timezone=zone)
        self.home.mapping("", "x")
        paths = [self.home.raw(content, name, "x") for name, content in files.items()]
        self.draft: Draft = draft_mapping(paths, self.home.settings.sources_dir, zone, "x")
        self.home.mapping(self.draft.text, "x")
        load_mapping(self.home.settings.sources_dir / "x.yml")
        (self.report,) = self.home.load()

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Lines, accepted, quarantined and known."""
        return counts(self.report)

    def rows(self, entity: str, *fields: str) -> list[tuple]:
        files = self.home.settings.landing / "data" / "*" / f"{entity}.parquet"
        return duckdb.sql(f"SELECT {', '.join(fields)} FROM '{files}' ORDER BY file, line").fetchall()

    def doubts(self, *words: str) -> list[str]:
        return [doubt for doubt in self.draft.doubts if all(word in doubt for word in words)]


def test_only_won_zoho_deals_are_sales(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"Deals.csv": ZOHO_DEALS})
    assert drafted.report.problems == []
    assert drafted.rows("transactions", "row_key", "kind", "amount") == [("x:zd1", "sale", 3_000_000)]
    assert drafted.doubts("'Stage'", "1 text", "not known")
    assert drafted.counts[2] == 0


def test_zoho_calls_have_a_direction_and_an_answer_and_planned_ones_are_none(tmp_path: Path) -> None:
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


def test_follow_up_boss_people_are_leads_and_closed_is_asked_about(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"people.csv": FOLLOW_UP_BOSS})
    assert drafted.rows("leads", "full_name", "phone", "status") == [
        ("Ann Lee", "16000000001", "open"),
        ("Bo Ma", "16000000002", "open"),
        ("Cy Xu", "16000000003", "Closed"),
        ("Di Yu", None, "invalid"),
    ]
    assert drafted.doubts("'Stage'", "1 text")


def test_a_call_log_without_ids_names_its_callers_by_their_phones(tmp_path: Path) -> None:
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


def test_showings_are_held_or_called_off_or_not_yet(tmp_path: Path) -> None:
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


def test_a_deposit_of_a_sale_is_no_sale_yet(tmp_path: Path) -> None:
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


def test_contacts_of_a_blank_kind_are_follow_ups(tmp_path: Path) -> None:
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
    assert drafted.doubts("'状态'", "1 text", "not known")
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


def test_the_sheet_with_data_is_drafted_and_all_sheets_are_named(tmp_path: Path) -> None:
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


@pytest.mark.parametrize("blank", ["", "-"])
def test_a_duplicated_id_is_kept_and_blanks_are_no_one(tmp_path: Path, blank: str) -> None:
    rows = "".join(f"R{number},2025-03-{number % 27 + 1:02},,,\n" for number in range(1, 20))
    text = f"Record Id,Created Time,Phone,Email,City\nR1,2025-03-01,16000000001,,Paris\n{rows}".replace(
        ",,", f",{blank},"
    )
    drafted = Drafted(tmp_path, {"leads.csv": text})
    assert "lead_id: Record Id" in drafted.draft.text
    assert drafted.doubts("'Record Id' is kept as the id", "1 of its values")
    assert len(set(drafted.rows("leads", "row_key"))) == 19
    text = "Name,Phone,Email,Created Time\n" + "".join(f",,,2025-03-{day:02}\n" for day in range(1, 13))
    drafted = Drafted(
        tmp_path / "hash", {"leads.csv": text + "Ann,16000000001,,2025-03-13\nBo,,,2025-03-13\nBo,,,2025-03-14\n"}
    )
    assert drafted.counts == (15, 3, 12, 0)
    assert {row[2] for row in drafted.home.quarantine()} == {"required"}
    assert drafted.doubts("12 lines with neither will be quarantined")


@pytest.mark.parametrize(
    ("prices", "decimal", "asked"),
    [
        (["310,000", "1,310,000"], ".", False),
        (["310,000", "420,500"], ".", True),
        (["850.000", "1.250.000", "415.000,50 €"], ",", False),
        (["850.000", "320.000"], ",", True),
        (["$310,000.00", "$99.50"], ".", False),
        (["310000", "420000.5"], ".", False),
        (["310000", "420000"], None, False),
        (["¥310,000", "¥1,420,000"], ".", False),
        (["12,50,000", "3,10,000"], ".", False),
    ],
)  # fmt: skip
def test_marks_are_guessed_over_the_column_and_stated(
    tmp_path: Path, prices: list[str], decimal: str | None, asked: bool
) -> None:
    rows = "".join(f"D{at};C1;2025-03-0{at};{price}\n" for at, price in enumerate(prices, 1))
    drafted = Drafted(tmp_path, {"deals.csv": f"Deal ID;Customer ID;Close Date;Amount\n{rows}"})
    told = f"decimal: {chr(34)}{decimal}{chr(34)}" if decimal else "amount: Amount\n"
    assert told in drafted.draft.text
    assert bool(drafted.doubts("'Amount'", "decimals")) == asked
    assert drafted.counts[2] == 0
    amounts = {price: amount for price, (amount,) in zip(prices, drafted.rows("transactions", "amount"), strict=True)}
    for price, amount in amounts.items():
        plain = price.strip("$¥ €").replace("," if decimal != "," else ".", "").replace(",", ".")
        assert float(amount) == float(plain)


def test_a_column_without_a_mark_of_its_own_is_written_as_the_others(tmp_path: Path) -> None:
    text = "Deal ID;Customer ID;Close Date;Amount;Commission\n1;C1;2025-03-01;850.000;25.500,00\n"
    drafted = Drafted(tmp_path, {"deals.csv": text})
    assert drafted.rows("transactions", "amount", "commission") == [(850_000, 25_500)]
    assert not drafted.doubts("'Amount'")


def test_an_id_that_repeats_beside_events_names_their_customers(tmp_path: Path) -> None:
    text = "ID,Date,Type\nA,2025-03-01,Call\nA,2025-03-02,Call\nB,2025-03-03,Visit\nA,2025-03-04,Visit\n"
    drafted = Drafted(tmp_path, {"contacts.csv": text})
    assert [lead for (lead,) in drafted.rows("interactions", "lead_id")] == ["A", "A", "B", "A"]
    assert drafted.doubts("'ID'", "repeats")


def test_a_deal_that_stands_twice_keeps_its_id(tmp_path: Path) -> None:
    rows = "".join(f"D{at},C{at},2025-03-{at:02},{at}00\n" for at in range(1, 20))
    drafted = Drafted(
        tmp_path, {"deals.csv": f"Deal ID,Customer ID,Close Date,Amount\n{rows}D19,C19,2025-03-19,2000\n"}
    )
    assert "transaction_id: Deal ID" in drafted.draft.text
    assert drafted.doubts("'Deal ID' is kept as the id", "1 of its values")
    assert len(drafted.rows("transactions", "row_key")) == 19


def test_notes_are_no_states_and_are_never_shown(tmp_path: Path) -> None:
    notes = (
        "Mr Smith wants to come back on Sunday with his wife",
        "call 13900000000",
        "客户王先生说下周六再来看一次房",
        "Won",
    )
    rows = "".join(f"{at},C{at},2025-03-0{at},100,{note}\n" for at, note in enumerate(notes, 1))
    drafted = Drafted(tmp_path, {"deals.csv": f"Deal ID,Customer ID,Close Date,Amount,Outcome\n{rows}"})
    assert not any(word in drafted.draft.text for word in ("Smith", "139", "王先生"))
    assert drafted.doubts("no column says what a line is")


def test_dates_written_in_several_ways_are_quarantined_not_replaced(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"leads.csv": "id,created\nA,24-03-05\nB,05.01.24\nC,24/3/7\nD,24/3/8\n"})
    assert drafted.doubts("'created'", "several ways")
    assert "2020-01-01" not in drafted.draft.text
    assert drafted.counts == (4, 2, 2, 0)


def test_files_of_one_system_name_the_same_customers(tmp_path: Path) -> None:
    files = {
        "leads.csv": "id,created,phone\nA,2024-12-01,16000000001\nB,2024-12-02,16000000002\n",
        "deals.csv": "tx,deal,id,day,kind,amount\nt1,D1,A,2025-01-10,rental,100\nt2,D1,A,2026-01-05,renewal,120\n",
        "calls [1].csv": "iid,id,at,kind,dir\n"
        "1,A,2025-05-10 17:30:00 UTC,enquiry,in\n2,B,2025-05-11 17:30 UTC,call,in\n",
    }
    drafted = Drafted(tmp_path, files)
    assert drafted.counts[2] == 0
    assert drafted.rows("transactions", "row_key", "lead_id", "deal_id", "kind") == [
        ("x:t1", "A", "D1", "rental"),
        ("x:t2", "A", "D1", "renewal"),
    ]
    assert drafted.rows("interactions", "lead_id", "CAST(occurred_at AS VARCHAR)", "direction") == [
        ("A", "2025-05-10 17:30:00", "in"),
        ("B", "2025-05-11 17:30:00", "in"),
    ]
    assert len(drafted.rows("leads", "row_key")) == 2


def test_customers_that_no_lead_list_names_keep_their_deals(tmp_path: Path) -> None:
    leads = "".join(f"L{at},2024-12-01,1600000000{at}\n" for at in range(10))
    deals = "".join(f"t{at},L{at},2025-01-10,sale,100\n" for at in (*range(6), *range(20, 25)))
    drafted = Drafted(
        tmp_path, {"leads.csv": f"Lead ID,Created,Phone\n{leads}", "deals.csv": f"tx,Lead ID,day,kind,amount\n{deals}"}
    )
    assert drafted.doubts("deals.csv: 'Lead ID'", "5 of its 11 customers are in no list of leads")
    assert drafted.counts[2] == 0
    known = {key for (key,) in drafted.rows("leads", "row_key")}
    assert {f"x:{lead}" for (lead,) in drafted.rows("transactions", "lead_id")} <= known
    assert len(known) == 15
    assert [phone for (phone,) in drafted.rows("leads", "phone")].count(None) == 5, "a listed lead goes first"


def test_consent_is_read_by_words_for_yes_and_no_only(tmp_path: Path) -> None:
    texts = ("1.0", "0.0", "", "1.0", "maybe")
    rows = "".join(f"{at},2025-03-0{at},{text}\n" for at, text in enumerate(texts, 1))
    drafted = Drafted(tmp_path, {"leads.csv": f"Lead ID,Created,Email Opt Out\n{rows}"})
    assert drafted.rows("leads", "marketing_consent") == [(False,), (True,), (None,), (False,), (None,)]
    assert drafted.doubts("'Email Opt Out'", "neither yes nor no", "become nothing")
    both = "1,2025-03-01,是,未退订\n2,2025-03-02,是,已退订\n3,2025-03-03,,未退订\n4,2025-03-04,否,\n"
    drafted = Drafted(tmp_path / "b", {"leads.csv": f"客户编号,登记日期,同意营销,退订\n{both}"})
    assert drafted.rows("leads", "marketing_consent") == [(True,), (False,), (True,), (False,)]


def test_names_among_the_words_of_a_column_are_not_shown(tmp_path: Path) -> None:
    words = ["Connected"] * 4 + ["Mary Wong"] * 6
    rows = "".join(f"2025-03-0{at % 9 + 1} 10:0{at},1600000000{at},Outgoing,{word}\n" for at, word in enumerate(words))
    drafted = Drafted(tmp_path, {"calls.csv": f"Date,Phone,Direction,Result\n{rows}"})
    assert "Mary" not in drafted.draft.text
    assert drafted.doubts("'Result'", "1 text")
    assert drafted.rows("interactions", "answered").count((True,)) == 4
    stages = ["Won"] * 4 + ["Mary Wong"] * 6
    rows = "".join(f"t{at},L{at},2025-03-0{at % 9 + 1},100,{stage}\n" for at, stage in enumerate(stages))
    deals = Drafted(tmp_path / "deals", {"deals.csv": f"tx,Lead ID,sale date,amount,Stage\n{rows}"})
    assert "Mary" not in deals.draft.text
    assert deals.rows("transactions", "kind") == [("sale",)] * 4
    statuses = ["New"] * 6 + ["Bo Ma"] * 4
    rows = "".join(f"L{at},2025-03-0{at % 9 + 1},{status}\n" for at, status in enumerate(statuses))
    leads = Drafted(tmp_path / "leads", {"leads.csv": f"Lead ID,Created,Lead Status\n{rows}"})
    assert leads.doubts("'Lead Status'", "'Bo Ma' (4)"), "a repeated word beside mostly known words is one of the list"
    assert drafted.counts[2] == 0


def test_a_line_never_gets_a_constant_id(tmp_path: Path) -> None:
    drafted = Drafted(tmp_path, {"a.csv": "Amount,Date\n100,2025-03-01\n200,2025-03-02\n"})
    assert '"?"' not in drafted.draft.text
    assert len(set(drafted.rows("leads", "row_key"))) == 2
    drafted = Drafted(tmp_path / "b", {"b.csv": "Created Date,City\n2025-03-01,Paris\n2025-03-02,Rome\n"})
    assert len(set(drafted.rows("leads", "row_key"))) == 2
