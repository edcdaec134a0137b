"""Sheets of an xlsx workbook as rows of text. Each cell is written as a person would write it in a CSV file."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import python_calamine as calamine

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading.workbook_checks import check_workbook
from pipelines.messages import without_values

HALF_SECOND = timedelta(microseconds=500_000)
EXACT_INTEGER = 1e15


def find_sheets(name: str, path: Path, pattern: str) -> list[str]:
    """Return the sheets with rows that match the glob, in the order of the workbook. Raises FileRefused for none."""
    check_workbook(name, path)
    with _opened(name, path) as workbook:
        sheets = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        matching = [sheet for sheet in sheets if fnmatch.fnmatchcase(sheet, pattern)]
        if not matching:
            raise FileRefused(
                name, f"expected a sheet named {pattern!r}, found {', '.join(map(repr, sheets)) or 'none'}"
            )
        filled = [sheet for sheet in matching if _sheet(name, workbook, sheet).start is not None]
    if not filled:
        raise FileRefused(name, f"expected rows, found {len(matching)} empty sheets")
    return filled


def hidden_sheets(name: str, path: Path) -> set[str]:
    """Return the names of the sheets that a spreadsheet program does not show."""
    with _opened(name, path) as workbook:
        visible = calamine.SheetVisibleEnum.Visible
        return {sheet.name for sheet in workbook.sheets_metadata if sheet.visible != visible}


def sheet_rows(
    name: str, path: Path, sheet: str, written: Callable[[str], str] = str
) -> Iterator[tuple[int, list[str | None]]]:
    """Yield each row of the sheet with its number, from 1; empty cells are null. Call `check_workbook` before.

    `written`: formats the text of a number with a fraction.
    """
    with _opened(name, path) as workbook:
        for number, row in enumerate(_sheet(name, workbook, sheet).iter_rows(), 1):
            yield number, [_text(cell, written) for cell in row]


def _opened(name: str, path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_path(str(path))
    except calamine.CalamineError as error:
        raise FileRefused(name, f"cannot be read as an xlsx workbook: {_one_line(error)}") from error


def _sheet(name: str, workbook: calamine.CalamineWorkbook, sheet: str) -> calamine.CalamineSheet:
    try:
        return workbook.get_sheet_by_name(sheet)
    except calamine.CalamineError as error:
        raise FileRefused(f"{name}#{sheet}", f"cannot be read as a sheet: {_one_line(error)}") from error


def _text(cell: object, written: Callable[[str], str]) -> str | None:
    """Write dates and times in ISO, and numbers with the 15 digits that a spreadsheet shows."""
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_INTEGER else written(f"{cell:.15g}")
    if isinstance(cell, datetime):
        return (cell + HALF_SECOND).replace(microsecond=0).isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _one_line(error: Exception) -> str:
    return (without_values(str(error)) or type(error).__name__).splitlines()[0][:120]
