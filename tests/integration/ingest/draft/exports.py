"""Exports of CRMs and offices, and the mapping that is drafted from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from pipelines.ingest.draft import Draft, draft_mapping
from pipelines.ingest.mapping.load import load_mapping
from tests.ingest_home import IngestHome, counts

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
    """A drafted mapping and the home that was loaded with it."""

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
