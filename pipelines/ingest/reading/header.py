"""Finds the header of a file: its column names, and the number of lines above the first record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading.bounds import MAX_COLUMNS
from pipelines.ingest.reading.files import MARK, SourceFile
from pipelines.ingest.reading.sniff import split_lines
from pipelines.messages import is_contact, shape_of

RESERVED = "__"
LOOKED_AT = 30
Line = tuple[int, Sequence[str | None]]


def read_header(file: SourceFile, head: str) -> tuple[list[str], int]:
    """Return the column names of a text file, and the number of physical lines up to the end of the header.

    A column without a name gets the name column_<position>. Raises FileRefused with the line of the header, or line 1.
    """
    if file.mapping.header is not None:
        return list(file.mapping.header), 0
    names, taken = find_header(file, split_lines(file.mapping.format, file.mapping.delimiter, head))
    return checked_names(file, names, taken), taken


def find_header(file: SourceFile, lines: Iterable[Line]) -> tuple[list[str], int]:
    """Return names and number of the line with most columns that the mapping reads, else of the first filled line.

    If the mapping states the lines of the header, those lines count. Titles may be above the header. Raises FileRefused
    if a line above it fills at least half of its columns, and more than one: that line could be a record.
    """
    if file.mapping.header_rows is not None:
        return _stated_header(file, lines, *file.mapping.header_rows)
    wanted = file.mapping.reads
    above: list[tuple[int, int]] = []
    best: tuple[int, list[str], int] | None = None
    titles: list[tuple[int, int]] = []
    for line, cells in lines:
        names = [(cell or "").strip() for cell in cells]
        filled = sum(map(bool, names))
        if not filled:
            continue
        matches = len(wanted & set(names))
        if best is None or matches > best[0]:
            best, titles = (matches, names, line), list(above)
        above.append((line, filled))
        if matches == len(wanted) or len(above) == LOOKED_AT:
            break
    if best is None:
        return [], 0
    _, names, header_line = best
    width = sum(map(bool, names))
    for line, filled in titles:
        if 2 * filled >= width and not 1 == filled < width:
            message = f"expected titles above the header in line {header_line}, found a row of {filled} fields"
            raise FileRefused(file.name, message, line=line)
    return names, header_line


def _stated_header(file: SourceFile, lines: Iterable[Line], first: int, last: int) -> tuple[list[str], int]:
    """Return the names of the stated lines. Raises FileRefused if one of them has no text.

    Of two lines, an upper name counts for the columns on its right as far as these have only a lower name: the first of
    merged cells has the text.
    """
    rows: list[list[str]] = []
    for line, cells in lines:
        if line > last:
            break
        if line >= first:
            rows.append([(cell or "").strip() for cell in cells])
    if len(rows) != last - first + 1 or not all(any(row) for row in rows):
        raise FileRefused(
            file.name, f"expected the header in lines {first} to {last}, found a line without text", line=first
        )
    if first == last:
        return rows[0], last
    width = max(map(len, rows))
    above, below = (row + [""] * (width - len(row)) for row in rows)
    names, group = [], ""
    for upper, lower in zip(above, below, strict=True):
        group = upper or (group if lower else "")
        names.append(" ".join(dict.fromkeys(filter(None, (group, lower)))))
        group = group if lower else ""
    return names, last


def repeated_names(columns: Collection[str], reads: Collection[str]) -> list[str]:
    """Return the names that the mapping reads and that the header has more than once."""
    return [name for name in columns if name in reads and f"{name} (2)" in columns and f"{name} (2)" not in reads]


def shown_name(name: str, columns: Iterable[str], wanted: Collection[str]) -> str:
    """Format the name of a column for a message: as its shape if the line may be a record of a file without a header.

    A line is a header if it has at least half of the columns that the mapping reads.
    """
    is_header = bool(wanted) and 2 * len(set(wanted) & set(columns)) >= len(wanted)
    return repr(name) if name in wanted or (is_header and not is_contact(name)) else f"({shape_of(name)})"


def checked_names(file: SourceFile, names: Iterable[str], line: int) -> list[str]:
    """Return the names, trimmed; the second of equal names becomes `Name (2)`. Upper and lower case are equal.

    Raises FileRefused for names that are reserved.
    """
    columns = [name.strip() or f"column_{position}" for position, name in enumerate(names, 1)]
    if len(columns) > MAX_COLUMNS:
        raise FileRefused(file.name, f"expected at most {MAX_COLUMNS:,} columns, found {len(columns):,}", line=line)
    if any(MARK in name for name in columns):
        raise FileRefused(
            file.name, f"expected text in {file.mapping.encoding}, found other bytes in the header", line=line
        )
    result: list[str] = []
    taken = {name.casefold() for name in columns}
    seen: set[str] = set()
    for position, name in enumerate(columns, 1):
        if name.startswith(RESERVED):
            raise FileRefused(file.name, f"column {position}: names that begin with {RESERVED} are reserved", line=line)
        unique, number = name, 1
        while unique.casefold() in seen or (number > 1 and unique.casefold() in taken):
            number += 1
            unique = f"{name} ({number})"
        seen.add(unique.casefold())
        result.append(unique)
    return result
