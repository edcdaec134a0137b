"""The beginning of a file as a table of text: format, encoding, delimiter and header are guessed."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.files import FOREIGN, READ_ERRORS, open_bytes, refuse_unreadable
from pipelines.ingest.mapping import FORMATS
from pipelines.ingest.sniff import sniff_delimiter, sniff_encoding, split_lines
from pipelines.ingest.workbook import find_sheets, sheet_rows

HEAD_BYTES = 16 << 20
ROWS = 50_000
HEADER_WITHIN = 30
NOTHING = {"未知", "暂无", "-", "--", "/", "N/A", "n/a", "NA", "#N/A", "NULL", "null", "NaN", "nan", "None", "Select"}
_NUMBER_OR_DATE = re.compile(r"[-+]?[\d０-９][\d０-９.,:/\-年月日 T]*(万元?|元|%)?")


@dataclass(frozen=True)
class Table:
    """Columns with their texts, row by row, null for blank. `options`: keys of the entry of `files` that reads it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    options: dict[str, object]

    def texts(self, column: str) -> list[str]:
        """The values of a column that are not null."""
        at = self.columns.index(column)
        return [row[at] for row in self.rows if row[at] is not None]


def read_table(path: Path) -> Table:
    """The first rows of a file. Raises FileRefused for what is no table."""
    form = FORMATS.get(Path(path.name.removesuffix(".gz")).suffix.lower(), "csv")
    if form == "parquet":
        return _parquet(path)
    if form == "xlsx":
        sheet = find_sheets(path.name, path, "*")[0]
        lines = [[cell or "" for cell in cells] for _, cells in islice(sheet_rows(path.name, path, sheet), ROWS)]
        return _table(path, lines, {"sheet": sheet})
    head = _head(path)
    encoding = sniff_encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    if len(head) == HEAD_BYTES:
        text = text[: text.rfind("\n") + 1]
    options: dict[str, object] = {} if encoding == "utf-8" else {"encoding": encoding}
    delimiter = sniff_delimiter(text)
    if delimiter != ",":
        options["delimiter"] = "\\t" if delimiter == "\t" else delimiter
    lines = [row for _, row in islice(split_lines("csv", delimiter, text), ROWS)]
    if _width(lines) == 1:
        parted = [row for _, row in islice(split_lines("text", delimiter, text), ROWS)]
        widths = Counter(len(row) for row in parted if row)
        if _width(parted) > 1 and max(widths.values()) >= 0.95 * sum(widths.values()):
            return _table(path, parted, {"format": "text", **options})
    return _table(path, lines, options)


def _head(path: Path) -> bytes:
    try:
        with open_bytes(path) as stream:
            head = stream.read(HEAD_BYTES)
    except READ_ERRORS as error:
        raise refuse_unreadable(path.name, error) from error
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise FileRefused(path.name, f"expected text, found {what}", line=1)
    if not head.strip():
        raise FileRefused(path.name, "expected a header and rows, found an empty file", line=1)
    return head


def _parquet(path: Path) -> Table:
    try:
        relation = duckdb.read_parquet(str(path)).limit(ROWS)
        rows = tuple(tuple(None if cell is None else str(cell) for cell in row) for row in relation.fetchall())
    except duckdb.Error as error:
        raise FileRefused(path.name, "expected a Parquet file, found one that cannot be read as such") from error
    return Table(tuple(relation.columns), rows, {})


def _table(path: Path, lines: Sequence[Sequence[str]], options: dict[str, object]) -> Table:
    filled = [[cell.strip() for cell in line] for line in lines if any(cell.strip() for cell in line)]
    width = _width(filled)
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
    nothing = sorted(NOTHING & {cell for row in rows for cell in row if cell})
    if not nothing:
        return Table(tuple(names), tuple(rows), options)
    blanked = tuple(tuple(None if cell in NOTHING else cell for cell in row) for row in rows)
    return Table(tuple(names), blanked, {**options, "null_values": nothing})


def _width(lines: Sequence[Sequence[str]]) -> int:
    widths = Counter(len(line) for line in lines if any(line))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _header_at(lines: Sequence[Sequence[str]], width: int) -> int | None:
    """The first line that fills half of the columns with different names; None where numbers or dates stand in it."""
    for at, line in enumerate(lines[:HEADER_WITHIN]):
        names = [cell for cell in line if cell]
        if 2 * len(names) < width or (width > 1 and len(names) < 2):
            continue
        named = not any(_NUMBER_OR_DATE.fullmatch(name) for name in names)
        return at if named and len({name.casefold() for name in names}) == len(names) else None
    return None
