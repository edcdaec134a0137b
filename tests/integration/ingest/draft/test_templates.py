"""Exports of known systems: `map` finds the system, drafts every field of its template, and the draft loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.ingest.draft import Draft, draft_mapping
from pipelines.ingest.draft.templates.read import ONLY, templates
from pipelines.ingest.mapping.load import load_mapping
from tests.ingest_home import IngestHome

ZOHO = {
    "Leads_001.csv": """\
Record Id,Lead Owner.id,Lead Name,First Name,Last Name,Company,Email,Phone,Mobile,Lead Source,Lead Status,Is Converted,\
Converted Account.id,Converted Contact.id,Description,Created Time,Modified Time,Industry,Email Opt Out
zcrm_1,u1,Wang Fang,Fang,Wang,,wf@example.com,,13912345670,Web Research,Contacted,false,,,,2025-01-02 10:00:00,\
2025-01-03 10:00:00,Finance,true
zcrm_2,u1,Li Na,Na,Li,,ln@example.com,02112345678,13812345671,Trade Show,Contacted,true,zcrm_a1,zcrm_c1,,\
2025-01-05 10:00:00,2025-02-01 10:00:00,,false
zcrm_3,u2,Zhao Min,Min,Zhao,,,,13712345672,Newspaper,Junk Lead,false,,,,2025-01-06 10:00:00,2025-02-01 10:00:00,,
zcrm_4,u2,Sun Li,Li,Sun,,,,13712345679,Newspaper,Contacted,true,zcrm_a9,zcrm_c9,,2025-01-06 11:00:00,\
2025-02-01 10:00:00,,
""",
    "Contacts_001.csv": """\
Record Id,Contact Owner.id,First Name,Last Name,Contact Name,Account Name.id,Email,Phone,Mobile,Title,Date of Birth,\
Email Opt Out,Created Time,Modified Time
zcrm_c1,u1,Na,Li,Li Na,zcrm_a1,ln@example.com,,13812345671,Engineer,,true,2025-02-01 10:00:00,2025-03-01 10:00:00
zcrm_c2,u2,Wei,Zhang,Zhang Wei,zcrm_a2,zw@example.com,,13612345673,,,false,2025-02-03 10:00:00,2025-03-01 10:00:00
""",
    "Deals_001.csv": """\
Record Id,Deal Owner.id,Deal Name,Account Name.id,Contact Name.id,Stage,Amount,Currency,Closing Date,Modified Time
zcrm_d1,u1,Flat 7,zcrm_a1,zcrm_c1,Closed Won,"3,200,000.00",CNY,2025-04-01,2025-04-01 10:00:00
zcrm_d2,u1,Flat 8,zcrm_a2,,Closed Won,"2,100,000.00",CNY,2025-04-02,2025-04-01 10:00:00
zcrm_d3,u1,Flat 9,zcrm_a1,zcrm_c1,Negotiation,"3,200,000.00",CNY,2025-05-01,2025-04-01 10:00:00
""",
    "Calls_001.csv": """\
Record Id,Subject,Call Start Time,Call Type,Call Status,Call Owner.id,Related To.id,Contact Name.id
zcrm_k1,Call,2025-03-01 10:00:00,Outbound,Completed,u1,,zcrm_c1
zcrm_k2,Call,2025-03-02 10:00:00,Inbound,Missed,u1,zcrm_d1,
zcrm_k3,Call,2025-03-03 10:00:00,Outbound,Completed,u1,zcrm_1,
""",
    "Tasks_001.csv": """\
Record Id,Subject,Due Date,Status,Closed Time,Task Owner.id,Related To.id
zcrm_t1,Send plan,2025-03-05,Completed,2025-03-04 12:00:00,u1,zcrm_1
zcrm_t2,Send plan,2025-03-09,Open,,u1,zcrm_1
""",
}
FXIAOKE = {
    "LeadsObj.csv": """\
_id,name,mobile,tel,email,source,biz_status,owner,create_time,last_modified_time,account_id,contact_id,new_opportunity_id
L1,王芳,13912345670,,wf@example.com,官网,un_processed,FSUID_1,1735783200000,1735869600000,,,
L2,李娜,13812345671,,,展会,transformed,FSUID_1,1736042400000,1738375200000,A1,C1,O1
""",
    "AccountObj.csv": """\
_id,name,mobile,tel,email,account_source,deal_status,owner,create_time,last_modified_time
A1,李娜,13812345671,,,展会,1,FSUID_1,1738375200000,1738375200000
A2,张伟,13612345673,02112345678,zw@example.com,门店,1,FSUID_2,1738461600000,1738461600000
""",
    "PaymentObj.csv": """\
_id,payment_time,payment_amount,account_id,order_id,owner
P1,1743472800000,100000.00,A1,S1,FSUID_1
P2,1746064800000,3100000.00,A1,S1,FSUID_1
P3,1746064800000,2000000.00,A2,S2,FSUID_1
""",
    "NewOpportunityObj.csv": """\
_id,name,account_id,biz_status,sales_stage,amount,expected_deal_closed_date,owner
O1,住宅,A1,win,赢单,3200000.00,1743472800000,FSUID_1
""",
}
HUBSPOT = {
    "contacts.csv": """\
Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Contact owner,Lifecycle Stage,Lead Status,\
Create Date,Last Modified Date,Original Source,Job Title,Industry,Unsubscribed from all email
101,Fang,Wang,wf@example.com,,+8613912345670,Ann,Lead,New,2025-01-02 10:00,2025-01-03 10:00,Organic Search,,,true
102,Na,Li,ln@example.com,+862112345678,+8613812345671,Ann,Customer,Connected,2025-01-05 10:00,2025-02-01 10:00,\
Offline Sources,Engineer,Finance,
""",
    "deals.csv": """\
Record ID,Deal Name,Deal Stage,Pipeline,Amount,Currency,Close Date,Create Date,Deal owner,Associated Contact IDs
901,Flat 7,Closed won,Sales,3200000,CNY,2025-04-01 00:00,2025-02-01 00:00,Ann,102;101
902,Flat 8,Contract sent,Sales,2100000,CNY,2025-04-02 00:00,2025-02-01 00:00,Ann,101
""",
    "calls.csv": """\
Record ID,Activity date,Call outcome,Call direction,Activity assigned to,Associated Contact IDs
801,2025-03-01 10:00,Connected,Outbound,Ann,102
802,2025-03-02 10:00,No answer,Inbound,Ann,101
""",
    "tasks.csv": """\
Record ID,Task title,Task status,Due date,Completed at,Assigned to,Associated Contact IDs
701,Send plan,Completed,2025-03-05,2025-03-04 12:00,Ann,101
702,Send plan,Not started,2025-03-05,,Ann,101
""",
}
SALESFORCE = {
    "Lead.csv": """\
Id,FirstName,LastName,Company,Title,Email,Phone,MobilePhone,LeadSource,Status,Industry,IsConverted,ConvertedDate,\
ConvertedAccountId,ConvertedContactId,ConvertedOpportunityId,OwnerId,CreatedDate,LastModifiedDate,HasOptedOutOfEmail
00Q1,Fang,Wang,,,wf@example.com,,13912345670,Web,Open - Not Contacted,,0,,,,,005A,2025-01-02T10:00:00.000Z,\
2025-01-03T10:00:00.000Z,1
00Q2,Na,Li,,,ln@example.com,,13812345671,Other,Closed - Converted,,1,2025-02-01,001A,003A,006A,005A,\
2025-01-05T10:00:00.000Z,2025-02-01T10:00:00.000Z,0
""",
    "Contact.csv": """\
Id,AccountId,FirstName,LastName,Email,Phone,MobilePhone,Title,LeadSource,OwnerId,CreatedDate,LastModifiedDate,\
HasOptedOutOfEmail
003A,001A,Na,Li,ln@example.com,,13812345671,Engineer,Other,005A,2025-02-01T10:00:00.000Z,2025-03-01T10:00:00.000Z,0
003B,001B,Wei,Zhang,zw@example.com,,13612345673,,Web,005A,2025-02-03T10:00:00.000Z,2025-03-01T10:00:00.000Z,0
""",
    "Opportunity.csv": """\
Id,AccountId,ContactId,Name,StageName,Amount,CurrencyIsoCode,CloseDate,IsWon,OwnerId,CreatedDate
006A,001A,,Flat 7,Closed Won,3200000.0,CNY,2025-04-01,1,005A,2025-02-01T10:00:00.000Z
006B,001B,,Flat 8,Closed Won,2100000.0,CNY,2025-04-02,1,005A,2025-02-03T10:00:00.000Z
006C,001B,003B,Flat 9,Prospecting,2100000.0,CNY,2025-05-02,0,005A,2025-02-03T10:00:00.000Z
""",
    "Task.csv": """\
Id,WhoId,WhatId,Subject,ActivityDate,Status,TaskSubtype,CallType,CompletedDateTime,OwnerId
00T1,003A,,Call,2025-03-01,Completed,Call,Outbound,2025-03-01T10:00:00.000Z,005A
00T2,,006A,Send plan,2025-03-02,Completed,Task,,2025-03-02T10:00:00.000Z,005A
00T3,00Q1,,Call,2025-03-09,Not Started,Call,,,005A
00T4,,006C,Send plan,2025-03-10,Completed,Task,,2025-03-10T10:00:00.000Z,005A
""",
}
FOLLOW_UP_BOSS = {
    "people.csv": """\
ID,Name,First Name,Last Name,Email 1,Email 2,Phone 1,Phone 2,Stage,Lead Source,Assigned To,Date Added,Last Updated,\
Price,City,Unsubscribed
11,Fang Wang,Fang,Wang,wf@example.com,,(415) 555-0131,,Lead,Zillow,Ann,2025-01-02 10:00:00,2025-01-03 10:00:00,\
"$850,000",Oakland,no
12,Na Li,Na,Li,ln@example.com,nl@example.com,(415) 555-0132,(415) 555-0133,Closed,Open House,Ann,2025-01-05 10:00:00,\
2025-02-01 10:00:00,"$1,200,000",Berkeley,yes
""",
    "deals.csv": """\
Deal ID,Deal Name,Stage,Pipeline,Price,Agent Commission,Close Date,Person ID,Assigned To
91,Flat 7,Closed,Buyers,"$1,150,000.00","$28,750.00",2025-04-01,12,Ann
92,Flat 8,Offer,Buyers,"$850,000.00",,2025-05-01,11,Ann
""",
    "calls.csv": """\
ID,Person ID,Created,Duration,Is Incoming,Outcome,User
81,12,2025-03-01 10:00:00,120,no,Interested,Ann
82,11,2025-03-02 10:00:00,0,yes,No Answer,Ann
""",
    "tasks.csv": """\
ID,Person ID,Name,Due Date,Completed,Assigned To
71,11,Send plan,2025-03-05,2025-03-04 12:00:00,Ann
72,11,Send plan,2025-03-09,,Ann
""",
}
SALES_FLOOR = {
    "客户登记表.csv": """\
客户姓名,手机号,来源渠道,需求类型,购房目的,预算（万）,意向区域,意向户型,项目,意向等级,置业顾问,首访日期,认筹日期,认筹金,签约日期,签约金额
王芳,139 1234 5670,抖音,购买,刚需,300-400,浦东,三室,江湾城,高,李四,2025年3月7日,2025/3/8,5万,2025/4/1,380万
李娜,13812345671,自然来访,租赁,自住,1,浦东,一室,江湾城,B+,李四,2025/3/9,,,2025/3/20,12万
赵敏,13712345672,报纸,购买,改善,800以上,静安,四室,江湾城,中,王五,2025/3/10,,,,
""",
}
SYSTEMS = {
    "售楼处客户登记表": SALES_FLOOR,
    "Zoho CRM": ZOHO,
    "纷享销客": FXIAOKE,
    "HubSpot": HUBSPOT,
    "Salesforce": SALESFORCE,
    "Follow Up Boss": FOLLOW_UP_BOSS,
}
LEADS = {
    "售楼处客户登记表": [
        ("offline/walk_in", None, "2025-03-09"),
        ("online/social_media", None, "2025-03-07"),
        ("报纸", None, "2025-03-10"),
    ],
    "Zoho CRM": [
        ("zcrm_1", "online/search", "open", "2025-01-02"),
        ("zcrm_2", "offline/exhibition", "converted", "2025-01-05"),
        ("zcrm_3", "Newspaper", "invalid", "2025-01-06"),
        ("zcrm_4", "Newspaper", "converted", "2025-01-06"),
        ("zcrm_c2", None, None, "2025-02-03"),
    ],
    "纷享销客": [
        ("A2", "门店", None, "2025-02-02"),
        ("L1", "官网", "open", "2025-01-02"),
        ("L2", "展会", "converted", "2025-01-05"),
    ],
    "HubSpot": [("101", "online/search", "open", "2025-01-02"), ("102", "offline/other", "open", "2025-01-05")],
    "Salesforce": [
        ("003B", "online/website", None, "2025-02-03"),
        ("00Q1", "online/website", "open", "2025-01-02"),
        ("00Q2", "other", "converted", "2025-01-05"),
    ],
    "Follow Up Boss": [
        ("11", "online/portal", "open", "2025-01-02"),
        ("12", "offline/open_house", "converted", "2025-01-05"),
    ],
}
DEALS = {
    "售楼处客户登记表": [(50_000, "2025-03-08"), (120_000, "2025-03-20"), (3_800_000, "2025-04-01")],
    "Zoho CRM": [("zcrm_2", 3_200_000, "2025-04-01"), ("zcrm_c2", 2_100_000, "2025-04-02")],
    "纷享销客": [("A2", 2_000_000, "2025-05-01"), ("L2", 100_000, "2025-04-01"), ("L2", 3_100_000, "2025-05-01")],
    "HubSpot": [("102", 3_200_000, "2025-04-01")],
    "Salesforce": [("003B", 2_100_000, "2025-04-02"), ("00Q2", 3_200_000, "2025-04-01")],
    "Follow Up Boss": [("12", 1_150_000, "2025-04-01")],
}
CONTACTS = {
    "售楼处客户登记表": [],
    "Zoho CRM": [("zcrm_1", "call"), ("zcrm_1", "follow_up"), ("zcrm_2", "call"), ("zcrm_2", "call")],
    "纷享销客": [],
    "HubSpot": [("101", "call"), ("101", "follow_up"), ("102", "call")],
    "Salesforce": [("003B", "follow_up"), ("00Q2", "call"), ("00Q2", "follow_up")],
    "Follow Up Boss": [("11", "call"), ("11", "follow_up"), ("12", "call")],
}


def _drafted(folder: Path, files: dict[str, str]) -> tuple[IngestHome, Draft]:
    home = IngestHome.at(folder)
    home.mapping("", "crm")
    for name, text in files.items():
        home.raw(text, name, "crm")
    paths = [home.settings.home / "raw" / "crm" / name for name in files]
    draft = draft_mapping(paths, home.settings.sources_dir, "Asia/Shanghai", "crm")
    (home.settings.sources_dir / "crm.yml").write_text(draft.text, encoding="utf-8")
    return home, draft


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_draft_of_an_export_loads(tmp_path: Path, system: str) -> None:
    home, draft = _drafted(tmp_path, SYSTEMS[system])
    assert draft.template is not None
    assert draft.template.startswith(f"{system} (")
    (report,) = home.load()
    assert report.problems == []
    assert report.batch is not None
    assert report.batch.quarantined == 0
    day = "CAST(CAST({} AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai' AS DATE) AS VARCHAR)"
    leads = home.query(
        f"SELECT lead_id, channel, status, {day.format('created_at')} FROM landing.leads "
        "QUALIFY row_number() OVER (PARTITION BY lead_id ORDER BY known_at DESC) = 1 ORDER BY 1"
    )
    # Ids of the sales floor are hashes under the key of the home.
    hashed = slice(1 if system == "售楼处客户登记表" else 0, None)
    assert sorted(row[hashed] for row in leads) == LEADS[system]
    deals = home.query(
        f"SELECT lead_id, amount::INTEGER, {day.format('occurred_at')} FROM landing.transactions ORDER BY ALL"
    )
    assert sorted(row[hashed] for row in deals) == DEALS[system]
    contacts = home.query("SELECT lead_id, kind FROM landing.interactions ORDER BY ALL") if CONTACTS[system] else []
    assert contacts == CONTACTS[system]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_field_of_the_template_is_drafted(tmp_path: Path, system: str) -> None:
    home, _ = _drafted(tmp_path, SYSTEMS[system])
    (template,) = [one for one in templates() if one.system == system]
    wanted = set()
    for file in template.files:
        # Deals are left out if the export has payments; a part counts only with, or without, another file.
        if file.get("without_file"):
            continue
        for entity, parts in file["entities"].items():
            for part in parts if isinstance(parts, list) else [parts]:
                if "without_file" not in part:
                    wanted |= {(file["name"], entity, name) for name in part if name not in (*ONLY, "where", "implied")}
    mapping = load_mapping(home.settings.sources_dir / "crm.yml")
    found = {
        (name, entity.name, field.name)
        for name, file in ((Path(file.path).stem.removesuffix("_001"), file) for file in mapping.files)
        for entity in file.entities
        for field in entity.fields
    }
    assert wanted
    assert wanted - found == set()


def test_a_part_of_the_files_is_enough(tmp_path: Path) -> None:
    """Without contacts, converted leads stay leads; without leads, contacts are leads of their own."""
    home, _ = _drafted(tmp_path / "leads", {"Leads_001.csv": ZOHO["Leads_001.csv"]})
    home.load()
    rows = home.query("SELECT lead_id, status FROM landing.leads ORDER BY 1")
    assert rows[:2] == [("zcrm_1", "Contacted"), ("zcrm_2", "converted")]
    home, _ = _drafted(tmp_path / "contacts", {name: ZOHO[name] for name in ("Contacts_001.csv", "Deals_001.csv")})
    home.load()
    assert home.query("SELECT lead_id FROM landing.leads ORDER BY 1") == [("zcrm_c1",), ("zcrm_c2",)]
    assert home.query("SELECT lead_id FROM landing.transactions ORDER BY 1") == [("zcrm_c1",), ("zcrm_c2",)]


def test_a_lead_that_is_converted_later_stays_one_record(tmp_path: Path) -> None:
    header, *rows = ZOHO["Leads_001.csv"].splitlines(keepends=True)
    before = rows[1].replace("true,zcrm_a1,zcrm_c1", "false,,")
    first = {
        "Leads_001.csv": header + rows[0] + before,
        "Contacts_001.csv": "".join(ZOHO["Contacts_001.csv"].splitlines(keepends=True)[i] for i in (0, 2)),
    }
    home, _ = _drafted(tmp_path, first)
    home.load()
    home.raw(header + "".join(rows[:2]), "Leads_001.csv", "crm")
    home.raw(ZOHO["Contacts_001.csv"], "Contacts_001.csv", "crm")
    (report,) = home.load()
    assert report.problems == []
    assert home.query("SELECT DISTINCT lead_id FROM landing.leads ORDER BY 1") == [
        ("zcrm_1",),
        ("zcrm_2",),
        ("zcrm_c2",),
    ]


def test_an_unknown_system_has_no_template(tmp_path: Path) -> None:
    _, draft = _drafted(tmp_path, {"leads.csv": "id,name,created\n1,Wang,2025-01-01\n2,Li,2025-01-02\n"})
    assert draft.template is None
    assert "# Template" not in draft.text


@pytest.mark.parametrize(
    ("days", "pattern", "is_doubt"),
    [
        (("3/7/2025", "4/1/2025"), "%d/%m/%Y", True),
        (("3/7/2025", "3/17/2025"), "%m/%d/%Y", False),
        (("17/3/2025", "3/7/2025"), "%d/%m/%Y", False),
    ],
)
def test_days_of_a_known_system_that_fit_two_orders_are_a_doubt(
    tmp_path: Path, days: tuple[str, str], pattern: str, *, is_doubt: bool
) -> None:
    text = SALESFORCE["Opportunity.csv"]
    for iso, written in zip(("2025-04-01", "2025-04-02", "2025-05-02"), (*days, "4/4/2025"), strict=True):
        text = text.replace(iso, written)
    _, draft = _drafted(tmp_path, SALESFORCE | {"Opportunity.csv": text})
    assert draft.template is not None
    assert f'format: "{pattern}"' in draft.text
    assert any("'CloseDate'" in doubt and "month come first" in doubt for doubt in draft.doubts) == is_doubt
