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

    Titles may be above the header. Raises FileRefused if a line above it fills at least half of its columns, and more
    than one: that line could be a record.
    """
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


def shown_name(name: str, columns: Iterable[str], wanted: Collection[str]) -> str:
    """Format the name of a column for a message: as its shape if the line may be a record of a file without a header.

    A line is a header if it has at least half of the columns that the mapping reads.
    """
    is_header = bool(wanted) and 2 * len(set(wanted) & set(columns)) >= len(wanted)
    return repr(name) if name in wanted or (is_header and not is_contact(name)) else f"({shape_of(name)})"


def checked_names(file: SourceFile, names: Iterable[str], line: int) -> list[str]:
    """Return the names, trimmed. Raises FileRefused for names that SQL cannot tell apart, or that are reserved."""
    columns = [name.strip() or f"column_{position}" for position, name in enumerate(names, 1)]
    if len(columns) > MAX_COLUMNS:
        raise FileRefused(file.name, f"expected at most {MAX_COLUMNS:,} columns, found {len(columns):,}", line=line)
    if any(MARK in name for name in columns):
        raise FileRefused(
            file.name, f"expected text in {file.mapping.encoding}, found other bytes in the header", line=line
        )
    seen: dict[str, int] = {}
    for position, name in enumerate(columns, 1):
        if name.startswith(RESERVED):
            raise FileRefused(file.name, f"column {position}: names that begin with {RESERVED} are reserved", line=line)
        first = seen.setdefault(name.casefold(), position)
        if first != position:
            raise FileRefused(
                file.name,
                f"expected different column names, found {shown_name(name, columns, file.mapping.reads)} "
                f"in columns {first} and {position}",
                line=line,
            )
    return columns
