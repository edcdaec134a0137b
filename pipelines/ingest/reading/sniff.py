"""Detects encoding and delimiter of a text file from its first bytes.

To detect another encoding, add it to `sniff_encoding`; to detect another delimiter, add it to `DELIMITERS`. Without
detection, a mapping can name any encoding of Python, and any delimiter.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

DELIMITERS = (",", "\t", ";", "|")
LINES = 20
_GB = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_BIG5 = re.compile(rb"[\x81-\xfe][\x40-\x7e\xa1-\xfe]")
_COMMON_GB = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]|\xa3[\xa1-\xfe]|\xa1[\xa1-\xfe]")
_COMMON_BIG5 = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]|[\xa1-\xa3][\x40-\x7e\xa1-\xfe]")
"""The first level of each standard has its frequent characters; then marks and full-width letters."""
_CYRILLIC = re.compile(rb"[\xa8\xb8\xc0-\xff]{3,}")
_HIGH = re.compile(rb"[\x80-\xff]")
ENOUGH = 0.3


def sniff_encoding(head: bytes) -> str:
    """Return utf-8, utf-16, utf-16-le, utf-16-be, gb18030, big5hkscs, cp1251 or cp1252.

    The checks in order: a byte order mark, zeros in every other byte, valid UTF-8. Then Chinese text consists of
    frequent characters in its own standard and of rare ones in the other, Cyrillic words are runs of high bytes, and
    other European text has single high bytes between letters. cp1250 and others like cp1252 cannot be told apart.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = max(1, len(head) // 2)
    for name, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros.count(0) / pairs > 0.3:
            return name
    if _decodes(head, "utf-8"):
        return "utf-8"
    shares = {
        name: _share(common, pairs_of, head)
        for name, common, pairs_of in (("gb18030", _COMMON_GB, _GB), ("big5hkscs", _COMMON_BIG5, _BIG5))
        if _decodes(head, name)
    }
    best = max(shares, key=lambda name: shares[name], default=None)
    if best is not None and shares[best] >= ENOUGH:
        return best
    in_words = sum(map(len, _CYRILLIC.findall(head)))
    return "cp1251" if 2 * in_words >= len(_HIGH.findall(head)) > 0 else "cp1252"


def _share(common: re.Pattern[bytes], pairs: re.Pattern[bytes], head: bytes) -> float:
    """Return the share of the two-byte characters that are frequent."""
    found = pairs.findall(head)
    return sum(bool(common.fullmatch(pair)) for pair in found) / len(found) if found else 0.0


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that splits the first lines into most fields of a constant number, or a comma."""
    best, fields = ",", 1.0
    for delimiter in DELIMITERS:
        widths = [len(row) for _, row in islice(split_lines("csv", delimiter, text), LINES) if any(row)]
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        score = common * (widths.count(common) / max(1, len(widths))) ** 2
        if common > 1 and score > fields:
            best, fields = delimiter, score
    return best


def split_lines(form: str, delimiter: str, head: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the records at the beginning of a text file, each with the number of its last physical line."""
    if form == "text":
        yield from ((number, line.split()) for number, line in enumerate(io.StringIO(head, newline=""), 1))
        return
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        yield from ((reader.line_num, row) for row in reader)
    except csv.Error:
        # A field without an end. The lines above it may contain the header; the parser reports the fault itself.
        return


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True
