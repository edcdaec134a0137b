"""Refuses a workbook before it is opened: what is no workbook, would fill the memory, or holds formulas without values.

The reader (calamine) unpacks a sheet whole and lays it out as a rectangle; so both sizes are bounded here first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from pipelines.ingest.errors import FileRefused

MAX_UNPACKED_BYTES = 1 << 30
MAX_CELLS = 20_000_000
CHUNK = 1 << 20
OVERLAP = 1 << 13

_FILLED_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^>]*?\s)?r=["']([A-Z]{1,3})(\d{1,7})["'][^>]*(?<!/)>""")
_FORMULA = re.compile(
    rb"""<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
_PLACE = re.compile(rb"""\br=["']([A-Z]{1,3}\d{1,7})["']""")
_TEXT_RESULT = re.compile(rb"""\bt=["']str["']""")


def check_workbook(name: str, path: Path) -> None:
    """Raise FileRefused, in one line, for a file that must not be opened as a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(name, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(name, f"expected an xlsx workbook, found one that cannot be unpacked: {error}") from error


def _check_archive(name: str, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if not any(member.filename.endswith("workbook.xml") for member in members):
        raise FileRefused(name, "expected an xlsx workbook, found a zip archive of something else")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        told = f"expected a workbook below {MAX_UNPACKED_BYTES >> 20:,} MB unpacked, found {unpacked >> 20:,} MB"
        raise FileRefused(name, told)
    for member in members:
        _check_member(name, archive, member, sheet="worksheets/" in member.filename)


def _check_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, *, sheet: bool) -> None:
    """Unpack once: a size or a checksum that is not the stated one raises here, not in the reader."""
    last_row = last_column = 0
    rest = b""
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK):
            if not sheet:
                continue
            text = rest + chunk
            for match in _FILLED_CELL.finditer(text):
                last_row = max(last_row, int(match[2]))
                last_column = max(last_column, _column_number(match[1]))
            _check_formulas(name, text)
            rest = text[-OVERLAP:]
    if last_row * last_column > MAX_CELLS:
        told = f"expected sheets of at most {MAX_CELLS:,} cells, found one that ends in row {last_row:,}"
        raise FileRefused(name, f"{told} and column {last_column:,}: delete what stands far out")


def _check_formulas(name: str, text: bytes) -> None:
    for match in _FORMULA.finditer(text):
        if not _TEXT_RESULT.search(match[1]):
            place = _PLACE.search(match[1])
            told = f"the formula in {place[1].decode()}" if place else "a formula"
            raise FileRefused(
                name, f"{told} has no stored value: open the workbook in a spreadsheet program and save it"
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
