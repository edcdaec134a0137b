"""Reads the first rows of a file as a table of text; guesses format, encoding, delimiter and header."""

from __future__ import annotations

import codecs
import fnmatch
import glob
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from pipelines.home.sql import parquet_files
from pipelines.ingest.draft.words.columns import meaning_of
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.formats import FORMAT_BY_SUFFIX
from pipelines.ingest.mapping.written_numbers import written_number
from pipelines.ingest.reading.bounds import MAX_COLUMNS
from pipelines.ingest.reading.files import READ_ERRORS, open_bytes, refuse_foreign, refuse_unreadable
from pipelines.ingest.reading.sniff import sniff_delimiter, sniff_encoding, split_lines
from pipelines.ingest.reading.workbook import find_sheets, hidden_sheets, sheet_rows
from pipelines.messages import is_contact

HEAD_BYTES = 16 << 20
_ALIKE = "the encoding is guessed as {}: others of its kind (cp1250, cp1254, …) look alike; are special letters right?"
ROWS = 50_000
HEADER_WITHIN = 30
BLANK_WORDS = {
    "未知",
    "暂无",
    "-",
    "--",
    "/",
    "N/A",
    "n/a",
    "NA",
    "#N/A",
    "NULL",
    "null",
    "NaN",
    "nan",
    "None",
    "Select",
}
_NUMBER_OR_DATE = re.compile(r"[-+]?[\d０-９][\d０-９.,:/\-年月日 T]*(万元?|元|%)?")


@dataclass(frozen=True)
class Table:
    """Rows of text, null for blank cells.

    `options`: keys of the entry of `files` that reads the file. `doubts`: what is unsure about reading the file.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    options: dict[str, Any]
    doubts: tuple[str, ...] = ()

    def texts(self, column: str) -> list[str]:
        """The values of a column that are not null."""
        at = self.columns.index(column)
        return [text for row in self.rows if (text := row[at]) is not None]


def read_table(path: Path) -> Table:
    """Read the first rows of a file. Raises FileRefused if the file is no table."""
    form = FORMAT_BY_SUFFIX.get(Path(path.name.removesuffix(".gz")).suffix.lower(), "csv")
    _assert_readable(path)
    if form == "parquet":
        return _parquet(path)
    if form == "xlsx":
        return _workbook(path)
    head = _head(path)
    encoding = sniff_encoding(head)
    refuse_foreign(path.name, head, encoding, "text")
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    if len(head) == HEAD_BYTES:
        text = text[: text.rfind("\n") + 1]
    options: dict[str, Any] = {} if encoding == "utf-8" else {"encoding": encoding}
    delimiter = sniff_delimiter(text)
    if delimiter != ",":
        options["delimiter"] = "\\t" if delimiter == "\t" else delimiter
    lines = [row for _, row in islice(split_lines("csv", delimiter, text), ROWS)]
    if _width(lines) == 1:
        split = [row for _, row in islice(split_lines("text", delimiter, text), ROWS)]
        widths = Counter(len(row) for row in split if row)
        if _width(split) > 1 and max(widths.values()) >= 0.95 * sum(widths.values()):
            return _table(path, split, {"format": "text", **options})
    table = _table(path, lines, options)
    return replace(table, doubts=(_ALIKE.format(encoding),)) if encoding.startswith("cp") else table


def _workbook(path: Path) -> Table:
    """The table of the sheet with most columns of a known meaning, and of the sheets with the same columns.

    Of several such sheets the longest one counts. A hidden sheet counts only if no visible sheet has a table.
    """
    names, hidden = find_sheets(path.name, path, "*"), hidden_sheets(path.name, path)
    tables: dict[str, Table] = {}
    refusal: FileRefused | None = None
    for sheet in names:
        rows = islice(sheet_rows(path.name, path, sheet, written_number), ROWS)
        try:
            tables[sheet] = _table(path, [[cell or "" for cell in cells] for _, cells in rows], {})
        except FileRefused as error:
            refusal = error
    if not tables:
        raise refusal or FileRefused(path.name, "expected a sheet with a table, found none")

    def weight(sheet: str) -> tuple[object, ...]:
        known = len({meaning_of(column) for column in tables[sheet].columns} - {None})
        return sheet not in hidden, known, len(tables[sheet].rows)

    chosen = max(tables, key=weight)
    alike = [
        sheet
        for sheet in tables
        if (sheet in hidden) == (chosen in hidden) and tables[sheet].columns == tables[chosen].columns
    ]
    pattern = _glob(alike, names)
    if pattern is None:
        alike, pattern = [chosen], glob.escape(chosen)
    table = tables[chosen]
    rows = tuple(row for sheet in alike for row in tables[sheet].rows)[:ROWS]
    blank_words = sorted({text for sheet in alike for text in tables[sheet].options.get("null_values", ())})
    options = {"sheet": pattern, **table.options, **({"null_values": blank_words} if blank_words else {})}
    return Table(table.columns, rows, options, _sheet_doubts(names, hidden, tables, alike))


def _glob(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    """The glob that matches the wanted sheets and no others, or None."""
    if len(wanted) == 1:
        return glob.escape(wanted[0])
    start = _common_start(wanted)
    end = _common_start([name[len(start) :][::-1] for name in wanted])[::-1]
    pattern = f"{glob.escape(start)}*{glob.escape(end)}"
    matched = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
    return pattern if sorted(matched) == sorted(wanted) else None


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return first[: next((at for at, letter in enumerate(first) if last[at : at + 1] != letter), len(first))]


def _sheet_doubts(
    names: Sequence[str], hidden: set[str], tables: Mapping[str, Table], alike: Sequence[str]
) -> tuple[str, ...]:
    if len(names) == 1 and not hidden & set(names):
        return ()

    def described(sheet: str) -> str:
        count = len(tables[sheet].rows) if sheet in tables else 0
        rows = f"{count:,} row{'s' * (count != 1)}" if count else "no table"
        return f"{sheet!r} ({rows}{', hidden' if sheet in hidden else ''})"

    read = " and ".join(map(repr, alike))
    return (
        f"the workbook has the sheets {', '.join(map(described, names))}: {read} is read; set `sheet` for another one",
    )


def _assert_readable(path: Path) -> None:
    """Raise FileRefused for a file that cannot be opened and for a pipe, because reading a pipe can block."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise FileRefused(path.name, "expected a file, found a pipe or a device")
    try:
        path.open("rb").close()
    except OSError as error:
        raise refuse_unreadable(path.name, error) from error


def _head(path: Path) -> bytes:
    try:
        with open_bytes(path) as stream:
            head = stream.read(HEAD_BYTES)
    except READ_ERRORS as error:
        raise refuse_unreadable(path.name, error) from error
    return head


def _parquet(path: Path) -> Table:
    try:
        relation = duckdb.sql(f"FROM {parquet_files([path])}").limit(ROWS)
        rows = tuple(tuple(map(_cell_text, row)) for row in relation.fetchall())
    except duckdb.Error as error:
        raise FileRefused(path.name, "expected a Parquet file, found one that cannot be read as such") from error
    return Table(tuple(relation.columns), rows, {})


def _cell_text(cell: object) -> str | None:
    if cell is None:
        return None
    return written_number(str(cell)) if isinstance(cell, (float, Decimal)) else str(cell)


def _table(path: Path, lines: Sequence[Sequence[str]], options: dict[str, Any]) -> Table:
    filled = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    width = _width(filled)
    if width > MAX_COLUMNS:
        raise FileRefused(path.name, f"expected at most {MAX_COLUMNS:,} columns, found {width:,}")
    at = _header_at(filled, width)
    if at is None:
        names = [f"column_{position}" for position in range(1, width + 1)]
        options = {**options, "header": names}
    else:
        names = [name or f"column_{position}" for position, name in enumerate(filled[at][:width], 1)]
    rows = [
        tuple(cell or None for cell in [*line, *[""] * (width - len(line))])
        for line in filled[0 if at is None else at + 1 :]
        if len(line) <= width
    ]
    if not rows:
        raise FileRefused(path.name, "expected rows below the header, found none")
    blank_words = sorted(BLANK_WORDS & {cell for row in rows for cell in row if cell})
    if not blank_words:
        return Table(tuple(names), tuple(rows), options)
    with_blanks = tuple(tuple(None if cell in BLANK_WORDS else cell for cell in row) for row in rows)
    return Table(tuple(names), with_blanks, {**options, "null_values": blank_words})


def _width(lines: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(line) for line in lines if any(line))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _header_at(lines: Sequence[Sequence[str]], width: int) -> int | None:
    """The position of the first line with distinct names in at least half of the columns.

    None if this line contains a number, a date, a phone or an e-mail address: then it is the first row.
    """
    for at, line in enumerate(lines[:HEADER_WITHIN]):
        names = [cell for cell in line if cell]
        if 2 * len(names) < width or (width > 1 and len(names) < 2):
            continue
        is_header = not any(_NUMBER_OR_DATE.fullmatch(name) or is_contact(name) for name in names)
        return at if is_header and len({name.casefold() for name in names}) == len(names) else None
    return None
