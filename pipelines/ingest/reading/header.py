"""The header of a file: its column names, and how many lines stand above the first record."""

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
    """Column names of a text file and the number of physical lines they and what stands above them take.

    A column without a name is called column_<position>. Raises FileRefused, naming line 1 or where the header stands.
    """
    if file.mapping.header is not None:
        return list(file.mapping.header), 0
    names, taken = find_header(file, split_lines(file.mapping.format, file.mapping.delimiter, head))
    return checked_names(file, names, taken), taken


def find_header(file: SourceFile, lines: Iterable[Line]) -> tuple[list[str], int]:
    """The line that holds most of the columns that the mapping reads, else the first that is not blank.

    Titles may stand above it; a line above it that fills half of its columns or more, and not just one, might be a
    customer: such a file is refused. Raises FileRefused.
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
        found = len(wanted & set(names))
        if best is None or found > best[0]:
            best, titles = (found, names, line), list(above)
        above.append((line, filled))
        if found == len(wanted) or len(above) == LOOKED_AT:
            break
    if best is None:
        return [], 0
    _, names, header_line = best
    width = sum(map(bool, names))
    for line, filled in titles:
        if 2 * filled >= width and not 1 == filled < width:
            told = f"expected titles above the header in line {header_line}, found a row of {filled} fields"
            raise FileRefused(file.name, told, line=line)
    return names, header_line


def shown_name(name: str, columns: Iterable[str], wanted: Collection[str]) -> str:
    """A column's name as a message shows it: by its shape where the line may be a row of a file without a header.

    It is a header if it holds half of the columns that the mapping reads.
    """
    is_header = bool(wanted) and 2 * len(set(wanted) & set(columns)) >= len(wanted)
    return repr(name) if name in wanted or (is_header and not is_contact(name)) else f"({shape_of(name)})"


def checked_names(file: SourceFile, names: Iterable[str], line: int) -> list[str]:
    """Names trimmed; raises FileRefused where two are the same but for upper and lower case, as SQL reads them."""
    columns = [name.strip() or f"column_{position}" for position, name in enumerate(names, 1)]
    if len(columns) > MAX_COLUMNS:
        raise FileRefused(file.name, f"expected at most {MAX_COLUMNS:,} columns, found {len(columns):,}", line=line)
    if any(MARK in name for name in columns):
        raise FileRefused(
            file.name, f"expected text in {file.mapping.encoding}, found bytes that are none in the header", line=line
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
