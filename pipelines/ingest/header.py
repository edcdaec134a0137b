"""The header of a text file: its column names, and how many physical lines stand above the first record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.files import MARK, SourceFile

RESERVED = "__"


def read_header(file: SourceFile, head: str) -> tuple[list[str], int]:
    """Column names and the number of physical lines they and blank lines before them take.

    A column without a name is called column_<position>. Raises FileRefused, naming line 1 or where the header stands.
    """
    if file.mapping.header is not None:
        return list(file.mapping.header), 0
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=file.mapping.delimiter)
    if file.mapping.format == "text":
        lines = enumerate(io.StringIO(head, newline=""), 1)
        names, taken = next(((line.split(), number) for number, line in lines if line.strip()), ([], 0))
    else:
        names, taken = next(((row, reader.line_num) for row in reader if any(cell.strip() for cell in row)), ([], 0))
    return checked_names(file, names, taken), taken


def checked_names(file: SourceFile, names: Iterable[str], line: int) -> list[str]:
    """Names trimmed; raises FileRefused where two are the same but for upper and lower case, as SQL reads them."""
    columns = [name.strip() or f"column_{position}" for position, name in enumerate(names, 1)]
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
                f"expected different column names, found {name!r} in columns {first} and {position}",
                line=line,
            )
    return columns
