"""The office layout, as offices send it: workbooks with titles, and text in every encoding and delimiter of theirs."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest

from pipelines.home.settings import PROJECT_ROOT
from pipelines.ingest.dry_run import dry_run
from pipelines.integrity.log import LOG
from tests.ingest_home import IngestHome, counts
from tests.workbooks import workbook

LAYOUT = PROJECT_ROOT / "pipelines" / "ingest" / "draft" / "layouts" / "office.yml"
HEADER = [
    *("客户姓名", "手机号", "来源渠道", "需求类型", "购房目的", "预算(万)", "意向等级"),
    *("置业顾问", "首访日期", "认筹日期", "认筹金", "签约日期", "签约金额"),
]
ROWS = [
    [cell or None for cell in row.split("|")]
    for row in (
        "张三|+86 160-0000-0001|抖音|购买|刚需|300-500|高|李四|2025/3/7|2025年3月17日|5万|45750|３８０万元",
        "王五|１６０００００００２|自然到访|置换|改善|500万以上|B+|李四|2025年3月8日||||",
        "赵六|160 0000 0003|朋友|租赁||0.6||钱七|45725|||2025-04-02|6000",
        "缺日期|16000000004|门店|购买|自住|260|低|钱七|||||",
        "没单位|16000000005|门店|购买|自住|260|低|钱七|2025/3/9|||2025/5/1|260",
    )
]
DEALS = [
    ("rental", "2025-04-01 16:00:00", 6000),
    ("sale", "2025-04-02 16:00:00", 3_800_000),
    ("subscription", "2025-03-16 16:00:00", 50_000),
]


def table(delimiter: str, *above: str) -> str:
    lines = [delimiter.join(cell or "" for cell in row) for row in (HEADER, *ROWS)]
    return "\r\n".join([*above, *lines]) + "\r\n"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path, quarantine_bar=0.5)
    home.mapping(LAYOUT.read_text(encoding="utf-8").replace("../office", "../raw/office"), "office")
    return home


def assert_the_office_list_is_read(home: IngestHome, file: str, first_line: int = 2) -> None:
    (report,) = home.load()
    assert report.problems == []
    assert [(row.file, row.entity, row.lines, row.accepted, row.quarantined) for row in report.files] == [
        (file, "leads", 5, 4, 1),
        (file, "transactions", 4, 3, 1),
    ]
    deals = "SELECT kind, CAST(occurred_at AS VARCHAR), CAST(amount AS INT) FROM landing.transactions ORDER BY kind"
    assert home.query(deals) == DEALS
    leads = (
        "SELECT CAST(created_at AS VARCHAR), channel, demand_type, purpose, stated_intent, left(agent_id, 6), "
        "CAST(budget_min AS INT), CAST(budget_max AS INT) FROM landing.leads ORDER BY created_at"
    )
    assert home.query(leads)[:3] == [
        ("2025-03-06 16:00:00", "online/social_media", "buy", "first_home", "high", "agent-", 3_000_000, 5_000_000),
        ("2025-03-07 16:00:00", "offline/walk_in", "exchange", "improvement", "B+", "agent-", 5_000_000, 5_000_000),
        ("2025-03-08 16:00:00", "朋友", "rent", None, None, "agent-", 6_000, 6_000),
    ]
    # Two consultants, whose names are in the list: keys stand in their place.
    assert home.query("SELECT count(DISTINCT agent_id) FROM landing.leads") == [(2,)]
    assert [(line, entity, rule) for line, entity, rule, *_ in home.quarantine()] == [
        (first_line + 3, "leads", "required"),
        (first_line + 4, "transactions", "amount_has_its_unit"),
    ]
    assert home.query("SELECT count(DISTINCT deal_id), count(DISTINCT lead_id) FROM landing.transactions") == [(2, 2)]
    assert home.query("SELECT count(*) FROM landing.transactions SEMI JOIN landing.leads USING (lead_id)") == [(3,)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_every_encoding_and_delimiter(home: IngestHome, encoding: str, delimiter: str) -> None:
    home.raw(table(delimiter).encode(encoding), "名单.csv", "office")
    assert_the_office_list_is_read(home, "名单.csv")


def test_titles_above_the_header_are_skipped_and_line_numbers_stay_exact(home: IngestHome) -> None:
    home.raw(table(",", "一部客户登记表,,,,制表：李四", "").encode("gb18030"), "名单.csv", "office")
    assert_the_office_list_is_read(home, "名单.csv", 4)


def test_a_workbook_is_read_with_its_titles_dates_and_numbers(home: IngestHome) -> None:
    cells = [list(row) for row in ROWS]
    cells[0][8], cells[0][11], cells[1][1] = date(2025, 3, 7), date(2025, 4, 3), 16_000_000_002
    cells[2][5], cells[2][8], cells[2][12], cells[4][12] = 0.6, 45725, 6000, 260
    rows = [["一部客户登记表"], ["制表日期", None, date(2025, 6, 1)], [], HEADER, *cells]
    home.raw(workbook({"一月": rows, "空": []}, merged=["A1:M1"]), "一部.xlsx", "office")
    assert_the_office_list_is_read(home, "一部.xlsx#一月", 5)
    assert "16000000005" in home.quarantine()[1][5]


def test_every_sheet_is_a_file_and_only_a_sheet_that_does_not_fit_is_refused(home: IngestHome) -> None:
    sheets = {"一月": [HEADER, *ROWS[:2]], "二月": [HEADER, ROWS[2]], "说明": [["请勿修改"]]}
    home.raw(workbook(sheets), "一部.xlsx", "office")
    (report,) = home.load()
    leads = [(row.file, row.lines, row.accepted) for row in report.files if row.entity == "leads"]
    assert leads == [("一部.xlsx#一月", 2, 2), ("一部.xlsx#二月", 1, 1)]
    (problem,) = report.problems
    assert problem.startswith("一部.xlsx#说明, line 1")
    assert home.load()[0].batch is None


def test_the_same_list_as_workbook_and_as_text_is_known_again(home: IngestHome) -> None:
    home.raw(table(",").encode("gb18030"), "名单.csv", "office")
    home.load()
    home.raw(workbook({"名单": [HEADER, *ROWS]}), "名单.xlsx", "office")
    (report,) = home.load()
    assert counts(report)[1] == 0


def test_a_row_above_the_header_that_might_be_a_customer_refuses_the_file(home: IngestHome) -> None:
    home.raw(table(",", ",".join(cell or "" for cell in ROWS[0])), "名单.csv", "office")
    (report,) = home.load()
    assert report.problems == ["名单.csv, line 1: expected titles above the header in line 2, found a row of 13 fields"]


def test_ids_from_personal_data_depend_on_the_key_of_the_home(home, tmp_path):
    home.raw(table(","), "list.csv", "office")
    home.load()
    ids = "SELECT row_key FROM landing.leads ORDER BY created_at"
    made = home.query(ids)
    guesses = [f"{name}|{phone}" for name, phone in (("张三", "16000000001"), ("王五", "16000000002"))]
    hashes = {one(guess.encode()).hexdigest() for guess in guesses for one in (hashlib.md5, hashlib.sha256)}
    assert not any(hashed.startswith(key.removeprefix("office:")) for hashed in hashes for (key,) in made)
    assert all(re.fullmatch("office:[0-9a-f]{16}", key) for (key,) in made)

    (home.settings.home / "landing").rename(home.settings.home / "landing_before")
    (home.settings.home / LOG).unlink()
    home.load()
    assert home.query(ids) == made
    home.raw(table(";"), "list.csv", "office")
    assert dry_run(home.settings, "office", 0).report.files[0].known == 4

    other = IngestHome.at(tmp_path / "other", quarantine_bar=0.5)
    other.mapping(home.settings.sources_dir.joinpath("office.yml").read_text(encoding="utf-8"), "office")
    other.raw(table(","), "list.csv", "office")
    other.load()
    assert not set(other.query(ids)) & set(made)


def test_a_mapping_that_hashes_people_without_a_key_keeps_its_ids_and_gets_a_note(home):
    text = home.settings.sources_dir.joinpath("office.yml").read_text(encoding="utf-8")
    home.mapping(text.replace("private_id(", "md5("), "office")
    home.raw(table(","), "list.csv", "office")
    (report,) = home.load()
    assert hashlib.md5("张三|16000000001".encode()).hexdigest() in str(home.query("SELECT row_key FROM landing.leads"))
    assert any("leads.lead_id: a hash without a key" in note for note in report.notes)
    home.mapping(text, "office")
    assert dry_run(home.settings, "office", 0).report.notes == []
