"""Checks a workbook before it is opened: refuses other files, huge workbooks, and formulas without values.

The reader (calamine) unpacks a whole sheet into a rectangle of cells, and the process ends if the memory is not enough.
This module therefore unpacks and parses each part of the workbook once, as a stream of well-formed XML.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading.files import refuse_foreign, refuse_unreadable
from pipelines.messages import shape_of

MAX_UNPACKED_BYTES = 1 << 30
MAX_CELLS = 20_000_000
CHUNK = 1 << 20

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
# zipfile raises NotImplementedError for an unknown compression or version.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)


def check_workbook(name: str, path: Path) -> None:
    """Raise FileRefused, with one line of text, for a file that must not be opened as a workbook."""
    try:
        with path.open("rb") as stream:
            head = stream.read(CHUNK)
        if head.strip() and not head.startswith(b"PK"):
            refuse_foreign(name, head, "utf-8", "an xlsx workbook")
        with zipfile.ZipFile(path) as archive:
            _check_archive(name, archive)
    except _ZIP_ERRORS as error:
        if getattr(error, "strerror", None):
            raise refuse_unreadable(name, error) from error
        raise FileRefused(name, f"expected an xlsx workbook, found a file that cannot be unpacked: {error}") from error
    except expat.ExpatError as error:
        raise FileRefused(name, f"expected an xlsx workbook, found broken XML: {error}") from error


def _check_archive(name: str, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if not any(member.filename.endswith("workbook.xml") for member in members):
        raise FileRefused(name, "expected an xlsx workbook, found another zip archive")
    if any(member.flag_bits & 1 for member in members):
        raise FileRefused(name, "expected a workbook without a password, found a workbook with a password")
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        message = f"expected a workbook below {MAX_UNPACKED_BYTES >> 20:,} MB unpacked, found {unpacked >> 20:,} MB"
        raise FileRefused(name, message)
    for member in members:
        _check_member(name, archive, member)


def _check_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a part of the workbook once, so that a wrong size or checksum raises here and not in the reader."""
    part = _Part(name)
    with archive.open(member) as stream:
        chunk = stream.read(CHUNK)
        is_xml = member.filename.endswith((".xml", ".rels")) or chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        while chunk:
            if is_xml:
                part.parser.Parse(chunk, False)
            chunk = stream.read(CHUNK)
    if is_xml:
        part.parser.Parse(b"", True)
    part.check_size()


class _Part:
    """Extent of the filled cells of a part, and its formulas. Parts that are no sheets have none."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.row = self.column = self.last_row = self.last_column = 0
        self._is_text = self._formula = self._value = False

    def check_size(self) -> None:
        if self.last_row * self.last_column > MAX_CELLS:
            end = f"row {self.last_row:,} and column {self.last_column:,}"
            raise FileRefused(
                self.name,
                f"expected sheets of at most {MAX_CELLS:,} cells, found a sheet that ends in {end}: "
                "delete the cells far outside the table",
            )

    def _doctype(self, *_: object) -> None:
        raise FileRefused(self.name, "expected an xlsx workbook, found a document type in its XML")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._place(attributes.get("r"))
            self._is_text, self._formula, self._value = attributes.get("t") == "str", False, False
        elif tag in ("v", "is"):
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
            if self._formula:
                self.parser.CharacterDataHandler = self._characters
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            place = attributes.get("r", str(self.row + 1))
            self.row, self.column = self._number(place), 0

    def _place(self, place: str | None) -> None:
        if place is None:
            self.column += 1
            return
        match = _PLACE.fullmatch(place)
        if match is None:
            raise self._bad_place(place)
        self.row, self.column = self._number(match[2]), 0
        for letter in match[1]:
            self.column = self.column * 26 + ord(letter) - 64

    def _number(self, digits: str) -> int:
        if len(digits) > 7 or not (digits.isascii() and digits.isdigit()):
            raise self._bad_place(digits)
        return int(digits)

    def _bad_place(self, place: str) -> FileRefused:
        return FileRefused(self.name, f"expected rows and cells with places such as B2, found {shape_of(place)}")

    def _characters(self, _: str) -> None:
        self._value = True

    def _end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "c" and self._formula and not self._value and not self._is_text:
            cell = f"row {self.row:,}, column {self.column:,}"
            raise FileRefused(
                self.name,
                f"the formula in {cell} has no stored value: save the workbook once in a spreadsheet program",
            )
