"""Headers and files as real exports have them: stated lines, two rows, merged cells, equal names, other formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest_home import IngestHome, counts
from tests.workbooks import workbook

LEADS = """\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
files:
  - path: "*.*"
    format: auto
    header: HEADER
    entities:
      leads: {lead_id: Id, created_at: Created, phone: PHONE, channel: Source}
"""
READ = "SELECT lead_id, channel, has_phone FROM landing.leads ORDER BY 1"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    return IngestHome.at(tmp_path)


def mapped(home: IngestHome, header: str, phone: str = "Phone") -> None:
    home.mapping(LEADS.replace("    header: HEADER\n", header and f"    header: {header}\n").replace("PHONE", phone))


def test_the_header_is_the_stated_line(home: IngestHome) -> None:
    mapped(home, "3")
    # Both lines above fill as many columns as a record.
    home.raw("Id,Created,Phone,Source\nx,y,z,w\nId,Created,Phone,Source\n1,2025-01-02,16000000001,Web\n")
    (report,) = home.load()
    assert (report.refused, home.query(READ)) == ([], [("1", "Web", True)])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_header_of_two_rows_has_the_names_of_both(home: IngestHome, kind: str) -> None:
    mapped(home, "2-3", "Contact Phone")
    # Merged cells: "Contact" stands over Phone and E-mail, "Id" over both rows.
    rows = [
        ["Leads of May", None, None, None, None],
        ["Id", "Created", "Contact", None, "Source"],
        [None, None, "Phone", "E-mail", None],
        ["1", "2025-01-02", "16000000001", None, "Web"],
    ]
    text = "\n".join(",".join(cell or "" for cell in row) for row in rows) + "\n"
    home.raw(workbook({"S": rows}) if kind == "xlsx" else text, f"leads.{kind}")
    (report,) = home.load()
    assert (report.refused, home.query(READ)) == ([], [("1", "Web", True)])


def test_the_second_of_equal_names_has_a_number(home: IngestHome) -> None:
    mapped(home, "", "Phone (2)")
    home.raw("Id,Created,Phone,phone,Source,Source\n1,2025-01-02,,16000000001,Web,Fair\n2,2025-01-02,16000000001,,,\n")
    home.mapping(LEADS.replace("    header: HEADER\n", "").replace("PHONE", "phone (2)"))
    (report,) = home.load()
    assert counts(report) == (2, 2, 0, 0)
    assert home.query(READ) == [("1", "Web", True), ("2", None, False)]
    (note,) = report.notes
    assert note.endswith(
        "the header has 'Source' more than once; the first is read, the next is 'Source (2)' in the mapping"
    )


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("leads.csv", b'[{"Id": 1}, {"Id": 2}]', "expected csv text, found JSON: convert it to CSV or Parquet"),
        ("leads.csv", b'\xef\xbb\xbf{"data": []}', "expected csv text, found JSON"),
        ("leads.csv", b"\n<html><table><tr><td>Id", "expected csv text, found an HTML page: open it in a spreadsheet"),
        ("leads.csv", b"\xd0\xcf\x11\xe0....", "expected csv text, found an old Excel file (.xls)"),
        ("leads.xlsx", b"<table><tr><td>Id</td>", "expected an xlsx workbook, found an HTML page: open it in a"),
        ("leads.xlsx", b'<?xml version="1.0"?><Workbook>', "expected an xlsx workbook, found XML"),
        ("leads.xlsx", b"\xd0\xcf\x11\xe0....", "expected an xlsx workbook, found an old Excel file (.xls)"),
    ],
)
def test_other_formats_are_named(home: IngestHome, name: str, content: bytes, found: str) -> None:
    mapped(home, "")
    home.raw(content, name)
    (report,) = home.stage()
    (refusal,) = report.refused
    assert found in str(refusal)


def test_a_line_without_text_is_no_header(home: IngestHome) -> None:
    mapped(home, "2")
    home.raw("Id,Created,Phone,Source\n,,,\n1,2025-01-02,,\n")
    (report,) = home.stage()
    assert str(report.refused[0]) == "sales.csv, line 2: expected the header in lines 2 to 2, found a line without text"
