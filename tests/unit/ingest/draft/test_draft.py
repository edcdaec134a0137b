"""Drafted mappings: meanings by names and values of columns, and doubts for the user."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.draft import draft_mapping
from pipelines.ingest.draft.contents import date_patterns
from pipelines.ingest.draft.currency import stated_in_name, stated_in_value
from pipelines.ingest.draft.words.chinese import SIMPLIFIED, TRADITIONAL
from pipelines.ingest.draft.words.columns import meaning_of
from pipelines.ingest.draft.words.deals import DEAL_STEPS
from pipelines.ingest.draft.words.interactions import ANSWERED, DIRECTIONS, INTERACTION_KINDS
from pipelines.ingest.draft.words.leads import LEAD_STATUSES
from pipelines.ingest.draft.words.vocabulary import NO_ROW, normal
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import FileMapping
from pipelines.ingest.typing.numbers import number_sql
from pipelines.ingest.typing.row_query import field_text
from tests.workbooks import workbook

ZONE = "Asia/Shanghai"
QUOTED = re.compile(r'"([^"]+)"')
ZOHO_LEADS = (
    "Record Id,Lead Owner.id,Lead Name,First Name,Last Name,Company,Email,Phone,Mobile,Lead Source,Lead Status,"
    "Is Converted,Created Time,Modified Time\n"
    "zcrm_1,zcrm_9,Ann Lee,Ann,Lee,,a@example.com,,16000000001,Web,New,false,2025-03-07 10:00:00,2025-03-08 10:00:00\n"
    "zcrm_2,zcrm_9,Bo Ma,Bo,Ma,,b@example.com,,16000000002,Walk-in,New,false,2025-03-09 10:00:00,2025-03-09 10:00:00\n"
)
OFFICE = (
    "客户姓名\t手机号\t来源渠道\t需求类型\t购房目的\t预算（万）\t意向等级\t置业顾问\t首访日期\t认筹日期\t认筹金\t签约日期\t签约金额\n"
    "张三\t16000000001\t抖音\t购买\t刚需\t300\t高\t李四\t2025年3月7日\t2025/3/8\t5万\t2025/4/1\t380万\n"
    "王五\t16000000002\t门店\t购买\t刚需\t320\t中\t李四\t2025年3月9日\t\t\t\t\n"
)


def draft(folder: Path, data: str | bytes, name: str = "x.csv") -> tuple[FileMapping, tuple[str, ...]]:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    made = draft_mapping([folder / name], folder / "sources", ZONE)
    target = folder / "sources" / "x.yml"
    target.parent.mkdir(exist_ok=True)
    target.write_text(made.text, encoding="utf-8")
    return load_mapping(target).files[0], made.doubts


def columns(file: FileMapping, entity: str, part: int = 0) -> dict[str, object]:
    (mapped,) = [mapped for mapped in file.entities if (mapped.name, mapped.part) == (entity, part)]
    return {field.name: field.column or field.value or field.expr for field in mapped.fields}


def test_a_crm_export_is_mapped_by_its_column_names(tmp_path: Path) -> None:
    file, _ = draft(tmp_path, ZOHO_LEADS)
    found = columns(file, "leads")
    expressions = {name: found.pop(name) for name in ("phone", "channel", "status")}
    assert {name: sorted(set(QUOTED.findall(text))) for name, text in expressions.items()} == {
        "phone": ["Mobile", "Phone"],
        "channel": ["Lead Source"],
        "status": ["Lead Status"],
    }
    assert found == {
        "lead_id": "Record Id",
        "created_at": "Created Time",
        "updated_at": "Modified Time",
        "full_name": "Lead Name",
        "email": "Email",
        "agent_id": "Lead Owner.id",
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_an_office_list_is_mapped_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    file, _ = draft(tmp_path, OFFICE.encode(encoding))
    assert (file.encoding, file.delimiter) == ("utf-8" if encoding == "utf-8-sig" else encoding, "\t")
    leads = columns(file, "leads")
    assert {name: sorted(set(QUOTED.findall(text)) or {text}) for name, text in leads.items()} == {
        "lead_id": ["客户姓名", "手机号"],
        "created_at": ["签约日期", "认筹日期", "首访日期"],
        "full_name": ["客户姓名"],
        "phone": ["手机号"],
        "channel": ["来源渠道"],
        "demand_type": ["需求类型"],
        "purpose": ["购房目的"],
        "budget_min": ["预算（万）"],
        "budget_max": ["预算（万）"],
        "stated_intent": ["意向等级"],
        "agent_id": ["置业顾问"],
    }
    (budget,) = [field for field in file.entities[0].fields if field.name == "budget_max"]
    assert budget.scale == 10_000
    assert [columns(file, "transactions", part)["occurred_at"] for part in (0, 1)] == ["认筹日期", "签约日期"]


def test_an_encoding_with_look_alikes_is_a_doubt(tmp_path: Path) -> None:
    text = "lead id,name,created date\n1,Élan Müller,2025-01-02\n2,Zoë Größe,2025-01-03\n"
    file, doubts = draft(tmp_path, text.encode("cp1252"))
    assert file.encoding == "cp1252"
    assert any("cp1250" in doubt for doubt in doubts)
    assert not any("cp1250" in doubt for doubt in draft(tmp_path, text.encode(), "y.csv")[1])


def test_a_workbook_with_titles_is_mapped(tmp_path: Path) -> None:
    rows = [["客户登记表"], [], *(line.split("\t") for line in OFFICE.strip().split("\n"))]
    file, _ = draft(tmp_path, workbook({"一月": rows}), "x.xlsx")
    assert (file.format, file.sheet, columns(file, "leads")["phone"]) == ("xlsx", "一月", "手机号")


def test_a_date_that_fits_two_patterns_is_a_doubt(tmp_path: Path) -> None:
    file, doubts = draft(tmp_path, "lead id,created date\n1,03/04/2025\n2,05/06/2025\n")
    (field,) = [field for field in file.entities[0].fields if field.name == "created_at"]
    assert field.format == "%d/%m/%Y"
    assert any("%d/%m/%Y and %m/%d/%Y" in doubt for doubt in doubts)
    file, doubts = draft(tmp_path, "lead id,created date\n1,03/04/2025\n2,05/26/2025\n")
    assert not any("%m/%d/%Y" in doubt for doubt in doubts)
    file, doubts = draft(tmp_path, "lead id,created date,modified date\n1,03/04/2025,03/14/2025\n")
    assert {field.format for field in file.entities[0].fields if field.name.endswith("_at")} == {"%m/%d/%Y"}
    assert not any("%m/%d/%Y" in doubt for doubt in doubts), "expected the order of the other dates"


def test_a_column_of_dates_without_dates_is_not_read(tmp_path: Path) -> None:
    file, doubts = draft(tmp_path, "lead id,created date,budget max\n1,soon,10\n2,later,20\n")
    assert columns(file, "leads")["created_at"] == "2020-01-01"
    assert any("few of its values are dates" in doubt for doubt in doubts)


def test_ranges_of_budgets_are_split_and_their_unit_counts_for_both_limits(tmp_path: Path) -> None:
    limits = {"300-500万": (3_000_000, 5_000_000), "650万": (6_500_000, 6_500_000), "1.5～2万元": (15_000, 20_000)}
    limits |= {"800万以上": (8_000_000, None), "90万以内": (None, 900_000), "": (None, None)}
    rows = "".join(f"{number},2025-03-07,{text}\n" for number, text in enumerate(limits))
    file, _ = draft(tmp_path, f"客户编号,登记时间,预算\n{rows}")
    fields = {field.name: field for field in file.entities[0].fields}
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw AS SELECT unnest(?) AS 预算", [list(limits)])
        ends = [
            number_sql("money", f"({field_text(fields[name])})", Decimal(1)) for name in ("budget_min", "budget_max")
        ]
        rows_read = connection.execute(f"SELECT 预算, {', '.join(ends)} FROM raw").fetchall()
    assert {text: ends for text, *ends in rows_read} == {text: list(ends) for text, ends in limits.items()}


def test_known_words_become_codes_and_others_are_kept(tmp_path: Path) -> None:
    codes = {"购房": "buy", "租房": "rent", "置换": "exchange", "法拍": "法拍", "": None}
    rows = "".join(f"{number},2025-03-07,{text}\n" for number, text in enumerate(codes))
    file, _ = draft(tmp_path, f"客户编号,登记时间,需求类型\n{rows}")
    (field,) = [field for field in file.entities[0].fields if field.name == "demand_type"]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw AS SELECT unnest(?) AS 需求类型", [[text or None for text in codes]])
        rows_read = connection.execute(f"SELECT 需求类型, {field.sql} FROM raw").fetchall()
    assert {text or "": code for text, code in rows_read} == codes


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("15 Apr, 2021 00:03:00", ""), ("Sat, 15 Apr 2021", ""), ("1741312800000", ""), ("2025年3月7日 下午3:05", ""),
        ("民國113年5月1日", ""), ("113/05/01", "roc"), ("04/15/2021 12:03 AM", "%m/%d/%Y %I:%M %p"), ("soon", None),
    ],
)  # fmt: skip  # a table of cases
def test_a_day_is_recognised_in_every_way_that_a_run_reads(text: str, pattern: str | None) -> None:
    assert date_patterns([text] * 3) == (None if pattern is None else [pattern])


@pytest.mark.parametrize(
    ("budget", "low", "high"),
    [
        ("1-1.5 Cr", 10_000_000, 15_000_000), ("₹80 lakh - ₹1.2 Cr", 8_000_000, 12_000_000),
        ("HK$ 3.2M to HK$ 4M", 3_200_000, 4_000_000), ("under 2M", None, 2_000_000),
        ("$450,000 - $600,000", 450_000, 600_000), ("80-120万", 800_000, 1_200_000),
    ],
)  # fmt: skip  # a table of cases
def test_ranges_of_every_country_are_both_limits(tmp_path: Path, budget: str, low: int | None, high: int) -> None:
    file, _ = draft(tmp_path, f'lead id,created date,budget\n1,2025-03-07,"{budget}"\n2,2025-03-08,"{budget}"\n')
    fields = {field.name: field for field in file.entities[0].fields}
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE raw AS SELECT ? AS budget", [budget])
        ends = [
            number_sql("money", f"({field_text(fields[name])})", Decimal(1), fields[name].decimal)
            for name in ("budget_min", "budget_max")
        ]
        assert connection.execute(f"SELECT {', '.join(ends)} FROM raw").fetchone() == (low, high)


def test_a_budget_in_words_fills_no_field(tmp_path: Path) -> None:
    file, doubts = draft(tmp_path, "客户编号,登记时间,预算\n1,2025-03-07,较高\n2,2025-03-08,待定\n")
    assert set(columns(file, "leads")) == {"lead_id", "created_at"}
    assert any("many of its values are no numbers" in doubt for doubt in doubts)


def test_the_source_has_the_given_name_or_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "客户登记表.csv").write_text("客户编号,登记时间\n1,2025-03-07\n", encoding="utf-8")
    assert "\nsource: crm\n" in draft_mapping([tmp_path / "客户登记表.csv"], tmp_path, ZONE, "CRM").text
    assert "\nsource: source\n" in draft_mapping([tmp_path / "客户登记表.csv"], tmp_path, ZONE).text


def test_phones_and_emails_are_recognised_by_their_values(tmp_path: Path) -> None:
    file, _ = draft(
        tmp_path, "lead id,created,x,y\n1,2025-01-01,a@b.com,16000000001\n2,2025-01-02,b@b.com,16000000002\n"
    )
    assert {name: columns(file, "leads")[name] for name in ("email", "phone")} == {"email": "x", "phone": "y"}


def test_calls_become_interactions(tmp_path: Path) -> None:
    file, doubts = draft(
        tmp_path,
        "Subject,Call Start Time,Call Status,Call Owner.id,Contact Name.id\nHello,2025-01-01 10:00,Done,z9,z1\n",
    )
    assert columns(file, "interactions")["lead_id"] == "Contact Name.id"
    assert columns(file, "interactions")["kind"] == "call"
    assert not any("kind of interaction" in doubt for doubt in doubts)
    _, doubts = draft(tmp_path, "Lead Id,Date\nz1,2025-01-01\nz1,2025-01-02\n")
    assert any("kind of interaction" in doubt for doubt in doubts)


def test_words_for_a_blank_are_listed_as_null_values(tmp_path: Path) -> None:
    file, _ = draft(tmp_path, "lead id,created date,city\n1,2025-01-01,未知\n2,2025-01-02,N/A\n")
    assert file.null_values == ("N/A", "未知")


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("lead_created_ts", "created_at"), ("CustomerID", "lead_id"), ("预算(万)", "budget"),
        ("raw_campaign", "campaign"), ("Square", "area"), ("assigned_exec_id", "agent_id"), ("project_id", None),
        ("Community average", None), ("成交日期", "event_at"), ("Lead Owner", "agent_name"),
        ("HubSpot owner", "agent_name"), ("Property Owner", None), ("First Name", "first_name"), ("電話", "phone"),
        ("姓名", "full_name"), ("客戶", "full_name"), ("來源", "channel"), ("建立日期", "created_at"),
        ("預算（萬）", "budget"), ("成交狀態", "status"), ("Deal Stage", "status"), ("Loan Status", None),
        ("State", None), ("Date Added", "created_at"), ("Phone 1 - Type", None), ("客户编号", "lead_id"),
        ("意向户型", "layout"), ("Email Opt Out", "opt_out"), ("E-mail", "email"),
        ("Lease End", "lease_end"), ("Contract End", "lease_end"), ("Lease End Date", "lease_end"),
        ("tenancy_expiry", "lease_end"), ("Lease Ending Reason", None), ("到期日", "lease_end"),
    ],
)  # fmt: skip  # a table of cases
def test_column_names_have_meanings(name: str, meaning: str | None) -> None:
    assert meaning_of(name) == meaning


@pytest.mark.parametrize(
    ("header", "amount", "currency"),
    [
        ("Amount", "CA$10,500", "CAD"), ("Amount", "C$ 10,500", "CAD"), ("Amount", "R$ 10,500", "BRL"),
        ("Amount", "NZ$10,500", "NZD"), ("Amount", "AU$10,500", "AUD"), ("Amount", "A$10,500", "AUD"),
        ("Amount", "MX$10,500", "MXN"), ("Amount", "US$10,500", "USD"), ("Amount", "HK$10,500", "HKD"),
        ("Amount", "S$10,500", "SGD"), ("Amount", "310,500 EUR", "EUR"), ("Amount", "GBP 310,500", "GBP"),
        ("Amount (USD)", "10,500", "USD"), ("Amount USD", "10,500", "USD"), ("Sale Price [AED]", "10,500", "AED"),
        ("Price (£)", "10,500", "GBP"), ("amount_EUR", "10,500", "EUR"), ("金额(人民币)", "10,500", "CNY"),
        ("ROADHSIDE price", "10,500", None), ("SHOP ALL", "10,500", None), ("TOP PRICE", "10,500", None),
        ("price per ALL", "10,500", None), ("Amount", "VISA$10,500", None), ("Amount", "$10,500", None),
    ],
)  # fmt: skip  # a table of cases
def test_a_currency_is_its_longest_sign_or_a_code_beside_a_word_for_money(
    header: str, amount: str, currency: str | None
) -> None:
    assert (stated_in_name(header) or stated_in_value(amount)) == currency


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Email Opt Out", {"1.0": "false", "0.0": "true"}), ("Email Opt Out", {"t": "false", "f": "true"}),
        ("Do Not Call", {"x": "false"}), ("Do Not Contact", {"Yes": "false", "No": "true"}),
        ("退订", {"已退订": "false", "未退订": "true"}), ("是否退订", {"是": "false", "否": "true"}),
        ("Opted Out", {"opted out": "false", "subscribed": "true", "dunno": None}),
        ("Unsubscribed", {"unsubscribed": "false", "subscribed": "true"}), ("同意营销", {"是": "true", "否": "false"}),
        ("Marketing Consent", {"checked": "true", "Unsubscribed": "false", "hm": None}),
    ],
)  # fmt: skip  # a table of cases
def test_a_consent_is_drafted_by_known_words(tmp_path: Path, header: str, values: dict[str, str | None]) -> None:
    rows = "".join(f"{at},2025-03-07,{text}\n" for at, text in enumerate(values))
    file, doubts = draft(tmp_path, f"lead id,created date,{header}\n{rows}")
    (field,) = [field for field in file.entities[0].fields if field.name == "marketing_consent"]
    assert field.column == header
    drafted = dict(field.values or {})
    assert {text: drafted[text] for text in values} == values
    assert any("neither yes nor no" in doubt for doubt in doubts) == (None in values.values())


def test_a_draft_of_a_consent_does_not_contain_notes(tmp_path: Path) -> None:
    texts = ("yes", "no", "Mary Wong", "Bo Ma", "Li Wu")
    rows = "".join(f"{at},2025-03-07,{text}\n" for at, text in enumerate(texts))
    made = draft(tmp_path, f"lead id,created date,Marketing Consent\n{rows}")
    (field,) = [field for field in made[0].entities[0].fields if field.name == "marketing_consent"]
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE raw AS SELECT unnest(?) AS "Marketing Consent"', [list(texts)])
        consents = connection.execute(f"SELECT {field.sql} FROM raw").fetchall()
    assert consents == [("true",), ("false",), (None,), (None,), (None,)]
    assert not any(name in f"{field.sql} {made[1]}" for name in texts[2:])


def test_a_consent_without_known_words_is_not_read(tmp_path: Path) -> None:
    file, doubts = draft(tmp_path, "lead id,created date,Email Opt Out\n1,2025-03-07,later\n2,2025-03-07,soon\n")
    assert "marketing_consent" not in columns(file, "leads")
    assert any("'Email Opt Out' has no known words for yes or no" in doubt for doubt in doubts)
    file, doubts = draft(tmp_path, "lead id,created date,consent\n1,2025-03-07,Yes\n2,2025-03-07,n\n")
    assert columns(file, "leads")["marketing_consent"] == "consent", "expected no translation"
    (field,) = [field for field in file.entities[0].fields if field.name == "marketing_consent"]
    assert not field.values


def test_the_doubt_about_a_decimal_mark_quotes_a_number_and_no_note(tmp_path: Path) -> None:
    head = "lead id,sale date,kind,amount\n"
    _, doubts = draft(tmp_path, head + "1,2025-03-07,sale,３１０，００１\n2,2025-03-08,sale,\n".replace(",\n", ",５\n"))
    assert any("is '310,001' written with or without decimals?" in doubt for doubt in doubts)
    rows = "".join(f'{at},2025-03-07,sale,"310,0{at}"\n' for at in range(10, 30))
    _, doubts = draft(tmp_path, f'{head}1,2025-03-07,sale,"Mr. Wong 13800001234, later"\n{rows}')
    assert any("is '310,010' written with or without decimals?" in doubt for doubt in doubts)
    assert not any("Wong" in doubt for doubt in doubts)


@pytest.mark.parametrize(
    ("vocabulary", "word", "code"),
    [
        (DEAL_STEPS, "Closed Won", "sale"), (DEAL_STEPS, "closed-won", "sale"), (DEAL_STEPS, "closedwon", "sale"),
        (DEAL_STEPS, "簽約", "sale"), (DEAL_STEPS, "Closed Lost", NO_ROW), (DEAL_STEPS, "Negotiation/Review", NO_ROW),
        (DEAL_STEPS, "流失", NO_ROW), (DEAL_STEPS, "Under Review", None), (LEAD_STATUSES, "Junk Lead", "invalid"),
        (LEAD_STATUSES, "DNC", "do_not_contact"), (LEAD_STATUSES, "勿擾", "do_not_contact"),
        (LEAD_STATUSES, "已转化", "converted"), (LEAD_STATUSES, "Not interested", "lost"),
        (LEAD_STATUSES, "Closed", "lost"), (LEAD_STATUSES, "Open", "open"), (ANSWERED, "No answer", "false"),
        (DIRECTIONS, "呼入", "in"), (INTERACTION_KINDS, "带看", "viewing"),
    ],
)  # fmt: skip  # a table of cases
def test_words_have_one_code_or_none(vocabulary: dict[str, str], word: str, code: str | None) -> None:
    assert vocabulary.get(normal(word)) == code


def test_each_traditional_character_has_a_simplified_character() -> None:
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL))
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a,b\n", b"PK\x03\x04", b"\x1f\x8b\x08", bytes(range(256))])
def test_a_file_that_is_no_table_is_an_error_in_one_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileRefused) as caught:
        draft(tmp_path, data)
    assert "\n" not in str(caught.value)


def test_a_binary_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"^x\.csv, line 2: expected text, found binary data$"):
        draft(tmp_path, b"a,b\n\0\1,2\n" + bytes(range(256)) * 9)


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.parquet"])
def test_an_unreadable_file_is_an_error_in_one_line_without_its_path(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(FileRefused, match=f"^{name}: cannot be read: Is a directory$"):
        draft_mapping([tmp_path / name], tmp_path, ZONE)
    with pytest.raises(FileRefused, match=f"^no-{name}: cannot be read: No such file or directory$"):
        draft_mapping([tmp_path / f"no-{name}"], tmp_path, ZONE)


def test_any_table_of_text_has_a_draft_that_loads(tmp_path: Path) -> None:
    rng = random.Random(7)
    names = [
        "id",
        "日期",
        'na"me',
        "a: b",
        "{x}",
        "null",
        "价格",
        "# c",
        "Lead Source",
        "Do Not Email",
        "金额",
        "[1]",
        "url",
        *(
            "Deal Stage",
            "Won",
            "Type",
            "Amount",
            "Close Date",
            "Customer ID",
            "First Name",
            "電話",
            "预算（萬）",
            "Visit Date",
        ),
    ]
    cells = [
        "",
        "1",
        "2025-01-01",
        "x'y",
        'q"',
        "{",
        "http://a/1.html",
        "1.5万",
        "是",
        "7.0",
        "C1",
        "a@b.co",
        "\\",
        "Lost",
        "850.000",
    ]
    for _ in range(25):
        header = rng.sample(names, rng.randint(2, 8))
        rows = [[rng.choice(cells) for _ in header] for _ in range(rng.randint(1, 6))]
        text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [header, *rows])
        try:
            draft(tmp_path, text)
        except FileRefused as refusal:
            assert "found none" in str(refusal)
