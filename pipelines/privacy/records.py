"""Removes records from delimited text, in any encoding that keeps the bytes of ASCII. Other bytes stay as they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from pipelines.ingest.landing.erased import contact_keys

DELIMITERS = ",;\t|"
WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16 and UTF-32, in which a byte of ASCII is no character."""


class NotDelimited(Exception):
    """The bytes are no delimited text of this kind."""


PARTS = re.compile(r"""[^,;\t|"\r\n\s'](?:[^,;\t|"\r\n]*[^,;\t|"\r\n\s])?""")
"""Cells of a record, without quotes and blanks around them: as `wanted` has them, or parts of such a cell."""
LONG_ID = 6
"""Characters. A cell that is equal to a shorter id may be the number of something else."""


@dataclass(frozen=True)
class Columns:
    """What the mapping says about a file.

    `keys`: columns of the id of a lead. `references`: columns that name another lead. `has_rows`: false for files of
    others, such as listings: no row of them is the person's.
    """

    keys: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()
    has_rows: bool = True

    def are_keys(self, name: str) -> bool:
        return _plain(name) in map(_plain, self.keys)

    def ids_in(self, name: str, ids: Collection[str]) -> Collection[str]:
        """Return the ids that mean the person in a column that is not the key."""
        is_reference = _plain(name) in map(_plain, self.references)
        return ids if is_reference else [text for text in ids if len(text) >= LONG_ID]


@dataclass(frozen=True)
class Stripped:
    """New bytes, removed records, and cells that were blanked in records of others. `key`: name of the id column."""

    content: bytes
    removed: int
    blanked: int
    key: str | None


def strip_records(
    content: bytes,
    ids: Collection[str],
    pattern: str | None,
    lines: Collection[int] = (),
    columns: Columns | None = None,
) -> Stripped:
    """Remove the records of a person, and blank the cells of other records that name the person.

    `ids`: the person's ids in the source. `pattern`: that of `Person.contact_pattern`. `lines`: lines that landing
    knows as the person's; they show which column has the ids. Without them, the mapping says so, else the leftmost
    column with such an id counts. Without any, a record that has a contact of the person goes. Raises NotDelimited.
    """
    if content.startswith(WIDE) or b"\0" in content[:4096]:
        raise NotDelimited
    records = list(_records(content.decode("latin-1")))
    delimiter = max(DELIMITERS, key=records[0][1].count) if records else ","
    header = _cells(records[0][1], delimiter) if records else []
    columns, wanted = columns or Columns(), {_bytes_text(text) for text in ids}
    header = [name.encode("latin-1").decode(errors="replace") for name in header]
    contact = re.compile(pattern.removeprefix("(?i)"), re.I) if pattern else None
    hits = [
        (place, line, text)
        for place, (line, text) in enumerate(records)
        if line in lines or not wanted.isdisjoint(PARTS.findall(text)) or (contact and contact.search(text))
    ]
    key = _key_column([(line, _cells(text, delimiter)) for _, line, text in hits], header, wanted, lines, columns)
    removed, blanked = set(), 0
    for place, line, text in hits:
        cells = _cells(text, delimiter)
        own = cells[key].strip().lstrip("'") if key is not None and key < len(cells) else None
        if own in wanted or (key is None and columns.has_rows and (line in lines or _names(cells, wanted, pattern))):
            removed.add(place)
            continue
        kept = [
            "" if place and at != key and _blanks(cell, _name(header, at), wanted, pattern, columns) else cell
            for at, cell in enumerate(cells)
        ]
        if kept != cells:
            blanked += sum(one != other for one, other in zip(kept, cells, strict=True))
            records[place] = (line, _joined(kept, delimiter, text))
    rest = "".join(text for place, (_, text) in enumerate(records) if place not in removed)
    name = header[key] if key is not None and key < len(header) else None
    return Stripped(rest.encode("latin-1"), len(removed), blanked, name)


def _records(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line and the text of each record. A record ends at a line end outside quotes."""
    begun, start, open_quote = 1, 0, False
    at = line = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end + 1
        line += 1
        open_quote ^= text.count('"', at, end) % 2 == 1
        at = end
        if not open_quote or at == len(text):
            yield begun, text[start:at]
            begun, start = line + 1, at


def _cells(record: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), [])


def _joined(cells: Sequence[str], delimiter: str, before: str) -> str:
    end = before[len(before.rstrip("\r\n")) :]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerow(cells)
    return stream.getvalue()


def _key_column(
    rows: Sequence[tuple[int, list[str]]],
    header: Sequence[str],
    wanted: Collection[str],
    lines: Collection[int],
    columns: Columns,
) -> int | None:
    known = [cells for line, cells in rows if line in lines]
    counts: dict[int, int] = {}
    for cells in known or [cells for _, cells in rows]:
        for at, cell in enumerate(cells):
            if cell.strip().lstrip("'") in wanted:
                counts[at] = counts.get(at, 0) + 1
    if known and counts:
        return max(sorted(counts), key=lambda at: counts[at])
    named = [at for at, name in enumerate(header) if columns.are_keys(name)]
    return min([at for at in named if at in counts] if named else counts, default=None)


def is_contact(name: str) -> bool:
    """Whether a column has the contacts of the record itself, which may be those of a family."""
    return any(word in name.lower() for word in ("phone", "mobile", "mail", "tel"))


def _name(header: Sequence[str], at: int) -> str:
    return header[at] if at < len(header) else ""


def _plain(name: str) -> str:
    return name.strip().casefold()


def _blanks(cell: str, name: str, wanted: Collection[str], pattern: str | None, columns: Columns) -> bool:
    """Whether a cell of another record names the person."""
    if is_contact(name):
        return False
    return cell.strip() in columns.ids_in(name, wanted) or _has_contact(cell, pattern)


def _has_contact(cell: str, pattern: str | None) -> bool:
    return bool(pattern and contact_keys(cell) and re.search(pattern, cell))


def _names(cells: Sequence[str], wanted: Collection[str], pattern: str | None) -> bool:
    return any(cell.strip() in wanted or _has_contact(cell, pattern) for cell in cells)


def _bytes_text(text: str) -> str:
    return text.encode().decode("latin-1")
