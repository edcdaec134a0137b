"""Workbooks: cells as text, where they stand, and what must not be opened."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading import workbook_checks
from pipelines.ingest.reading.workbook import find_sheets, sheet_rows
from tests.unit.ingest.reading.test_read_file import read
from tests.workbooks import Raw, packed, sheet_xml, workbook


def written(folder: Path, data: bytes) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(data)
    return path


def refusal(folder: Path, data: bytes, pattern: str = "*") -> str:
    with pytest.raises(FileRefused) as caught:
        for sheet in find_sheets("book.xlsx", path := written(folder, data), pattern):
            list(sheet_rows("book.xlsx", path, sheet))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_cells_are_text_as_a_person_would_type_it(tmp_path: Path) -> None:
    formula = Raw('<c r="{place}"><f>1+1</f><v>2</v></c>')
    empty_text = Raw('<c r="{place}" t="str"><f>A1</f><v></v></c>')
    error = Raw('<c r="{place}" t="e"><v>#REF!</v></c>')
    row = [" 张三 ", 13800001111, 415.1, 0.1 + 0.2, True, date(2025, 3, 7), formula, empty_text, error, None, "z"]
    path = written(tmp_path, workbook({"一月": [row]}))
    assert [list(sheet_rows("book.xlsx", path, sheet)) for sheet in find_sheets("book.xlsx", path, "*")] == [
        [(1, ["张三", "13800001111", "415.1", "0.3", "true", "2025-03-07", "2", None, None, None, "z"])]
    ]


def test_rows_keep_their_numbers_below_titles_gaps_and_rows_that_are_too_wide(tmp_path: Path) -> None:
    rows = [["客户登记表"], [], [None, "a", "b"], [None, 1, 2], [], [None, None, 4], [None, 5, 6, "?"]]
    data = workbook({"S": rows}, merged=["A1:C1"])
    raw, found = read(tmp_path, data, "x.xlsx", "xlsx", sheet_name="S", reads=("a", "b"))
    assert (raw.columns, found) == (("column_1", "a", "b"), [(4, 1, None, "1", "2"), (6, 1, None, None, "4")])
    assert [(bad.line, bad.rule, bad.message) for bad in raw.bad_rows] == [
        (7, "ragged_row", "expected 3 fields, found 4")
    ]


def test_sheets_are_chosen_by_name_and_empty_ones_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, workbook({"一月": [["a"]], "说明": [["b"]], "空": []}))
    assert find_sheets("b", path, "*") == ["一月", "说明"]
    assert find_sheets("b", path, "?月") == ["一月"]
    assert "expected a sheet named '三月', found '一月', '说明', '空'" in refusal(tmp_path, path.read_bytes(), "三月")
    assert "expected rows, found 1 empty sheets" in refusal(tmp_path, workbook({"空": []}))


def test_what_is_no_workbook_is_refused(tmp_path: Path) -> None:
    assert "cannot be unpacked" in refusal(tmp_path, b"a,b\n1,2\n")
    assert "cannot be unpacked" in refusal(tmp_path, b"")
    assert "cannot be unpacked" in refusal(tmp_path, workbook({"S": [["a"]]})[:-400])
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    assert "another zip archive" in refusal(tmp_path, (tmp_path / "other.zip").read_bytes())
    broken = packed({"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row"}, ["S"])
    assert "broken XML" in refusal(tmp_path, broken)


def test_a_formula_without_a_value_is_refused_with_its_place(tmp_path: Path) -> None:
    for value in ("", "<v/>", "<v></v>"):
        cell = Raw(f'<c r="{{place}}"><f>SUM(A1:A2)</f>{value}</c>')
        refused_text = refusal(tmp_path, workbook({"S": [["a", "b"], [1, cell]]}))
        assert "the formula in row 2, column 2 has no stored value" in refused_text


def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = sheet_xml([["a"]]).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    refused_text = refusal(tmp_path, packed({"xl/worksheets/sheet1.xml": far}, ["S"]))
    assert "ends in row 1,048,576 and column 16,384" in refused_text
    monkeypatch.setattr(workbook_checks, "MAX_UNPACKED_BYTES", 1 << 20)
    bomb = packed({"xl/worksheets/sheet1.xml": b" " * (8 << 20)}, ["S"])
    assert len(bomb) < 20_000
    assert "expected a workbook below 1 MB unpacked, found 8 MB" in refusal(tmp_path, bomb)


def test_a_wrong_stated_size_is_refused(tmp_path: Path) -> None:
    data = workbook({"S": [["a"] * 500]})
    size = len(sheet_xml([["a"] * 500])).to_bytes(4, "little")
    assert "cannot be unpacked" in refusal(tmp_path, data.replace(size, (10).to_bytes(4, "little")))


def test_formats_alone_do_not_make_a_sheet_large(tmp_path: Path) -> None:
    styled = sheet_xml([["a"], [1]]).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    )
    path = written(tmp_path, packed({"xl/worksheets/sheet1.xml": styled}, ["S"]))
    rows = list(sheet_rows("b", path, find_sheets("b", path, "*")[0]))
    assert rows == [(1, ["a"]), (2, ["1"])]
