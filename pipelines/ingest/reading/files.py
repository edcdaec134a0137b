"""The files of a source: finds them, identifies them by content, and opens them as UTF-8 text."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import stat
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.formats import AUTO, FORMAT_BY_SUFFIX
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.ingest.reading.bounds import MAX_FILES, BoundedGzip
from pipelines.ingest.reading.sniff import sniff_delimiter, sniff_encoding
from pipelines.messages import is_text

MARK = "\ufdd0"
"""Replaces bytes that are no text in the encoding of the file. No valid text contains this code point."""

READ_ERRORS = (OSError, EOFError, zlib.error)
_SAVE = "open it in a spreadsheet program and save it as .xlsx or CSV"
_JSON = "JSON: convert it to CSV or Parquet"
FOREIGN = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "gzip data: a gzip file's name ends in .gz",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": f"an old Excel file (.xls): {_SAVE}",
    b"%PDF": "a PDF",
}
_MARKUP = {
    rb"(?i)(<!doctype html|<html|<table|<meta|<head|<style|<div)": f"an HTML page: {_SAVE}",
    rb"<\?xml": f"XML: {_SAVE}",
    rb'(\{|\[)\s*(\{|\}|\]|"[^"]*"\s*:)': _JSON,
}
"""Beginnings of text, without white space, that other programs save under the name of a table."""
HEAD_BYTES = 1 << 20

codecs.register_error("tierhouse_mark", lambda error: (MARK, error.end))


@dataclass(frozen=True)
class SourceFile:
    """A file, or a sheet of a workbook, that an entry of the mapping matches.

    `name` is its path below the root, with forward slashes; a sheet's is `book.xlsx#sheet`.
    """

    name: str
    path: Path
    mapping: FileMapping
    sha256: str
    mapping_sha256: str
    sheet: str | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.name, self.sha256, self.mapping_sha256


def find_files(mapping: SourceMapping, entry: FileMapping) -> tuple[list[Path], list[FileRefused]]:
    """Find the files that the path of the entry matches, ordered by name.

    Returns the files, and refusals of files that must not be opened. Raises FileRefused if there is no file.
    """
    found, refused = [], []
    for path in sorted(mapping.root.glob(entry.path)):
        name = path.relative_to(mapping.root).as_posix()
        if problem := _unusable(mapping.root, path, name):
            refused.append(FileRefused(name, problem))
        elif path.is_file():
            found.append(path)
        if len(found) > MAX_FILES:
            message = f"expected at most {MAX_FILES:,} files, found more: join files, or move old files away"
            raise FileRefused(entry.path, message)
    if not found and not refused:
        raise FileRefused(entry.path, f"no file below {mapping.root} matches")
    return found, refused


def _unusable(root: Path, path: Path, name: str) -> str | None:
    """Reason why a path below the root must not be opened; None for a file or a folder."""
    if not is_text(name):
        return "expected a name that is text in UTF-8, found control characters or other bytes: rename the file"
    try:
        is_inside = path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError) as error:  # Python 3.11 raises RuntimeError for a link to itself.
        return f"cannot be read: {getattr(error, 'strerror', 'a link that leads to itself')}"
    if not is_inside:
        return "expected a file below the root, found a link that leads out of it: copy the file there"
    mode = path.stat().st_mode
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "expected a file, found a pipe or a device"


def identify(
    mapping: SourceMapping, entry: FileMapping, path: Path, sheets: Sequence[str | None] = (None,)
) -> list[SourceFile]:
    """Return the file, or its sheets, with the hashes that identify it, and with `auto` replaced by what was detected.

    Raises FileRefused if the file cannot be read.
    """
    name = path.relative_to(mapping.root).as_posix()
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FileRefused(name, f"cannot be read: {error.strerror}") from error
    read_as = _sniffed(name, path, replace(entry, format=format_of(name, entry)))
    mapping_digest = mapping.digest(entry)
    return [
        SourceFile(name if sheet is None else f"{name}#{sheet}", path, read_as, digest, mapping_digest, sheet)
        for sheet in sheets
    ]


def format_of(name: str, entry: FileMapping) -> str:
    """Return the format of a file, from the entry or else from the name. Raises FileRefused for an unknown name."""
    if entry.format != AUTO:
        return entry.format
    form = FORMAT_BY_SUFFIX.get(Path(name.removesuffix(".gz")).suffix.lower())
    if form is None:
        raise FileRefused(name, f"expected a name ending in {', '.join(FORMAT_BY_SUFFIX)}")
    return form


def _sniffed(name: str, path: Path, entry: FileMapping) -> FileMapping:
    if entry.format not in ("csv", "text") or AUTO not in (entry.encoding, entry.delimiter):
        return entry
    try:
        with open_bytes(path) as stream:
            head = stream.read(HEAD_BYTES)
    except READ_ERRORS as error:
        raise refuse_unreadable(name, error) from error
    encoding = sniff_encoding(head) if entry.encoding == AUTO else entry.encoding
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    delimiter = sniff_delimiter(text.removeprefix("\ufeff")) if entry.delimiter == AUTO else entry.delimiter
    return replace(entry, encoding=encoding, delimiter=delimiter)


def open_bytes(path: Path) -> BinaryIO:
    """Open the file as bytes, unpacked if its name ends in .gz."""
    return cast(BinaryIO, BoundedGzip(path)) if path.suffix == ".gz" else path.open("rb")


def read_head(file: SourceFile) -> str:
    """Read and decode the beginning of a text file. Raises FileRefused if it is no text."""
    try:
        with open_bytes(file.path) as stream:
            head = stream.read(HEAD_BYTES)
    except READ_ERRORS as error:
        raise refuse_unreadable(file.name, error) from error
    encoding = text_encoding(file)
    refuse_foreign(file.name, head, encoding, f"{file.mapping.format} text")
    return codecs.getincrementaldecoder(encoding)("tierhouse_mark").decode(head)


def refuse_foreign(name: str, head: bytes, encoding: str, expected: str) -> None:
    """Raise FileRefused if the beginning of a file is blank, or no text."""
    if not head.strip():
        raise FileRefused(name, "expected a header and rows, found an empty file", line=1)
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise FileRefused(name, f"expected {expected}, found {what}", line=1)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for pattern, what in _MARKUP.items():
        if re.match(pattern, start):
            raise FileRefused(name, f"expected {expected}, found {what}", line=1)
    if b"\0" in head and not encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        line = head[: head.index(b"\0")].count(b"\n") + 1
        raise FileRefused(name, f"expected {expected}, found binary data", line=line)


def refuse_unreadable(name: str, error: Exception, line: int | None = None) -> FileRefused:
    """Return the FileRefused for an error in reading the file."""
    if isinstance(error, EOFError):
        return FileRefused(name, "expected a whole gzip file, found a truncated one", line=line)
    # An OSError of the system quotes the whole path; an OSError of gzip has no strerror.
    return FileRefused(name, f"cannot be read: {getattr(error, 'strerror', None) or error}", line=line)


def text_encoding(file: SourceFile) -> str:
    """Return the codec of the file. For UTF-8 it skips a byte order mark."""
    name = codecs.lookup(file.mapping.encoding).name
    return "utf-8-sig" if name == "utf-8" else name


class Utf8Stream(io.RawIOBase):
    """A text file as UTF-8 bytes without byte order mark, followed by `ending`.

    Bytes that are no text become MARK; `marked` says whether there were any. `is_open` says whether the file ends
    within a line, and not with a quote that closes its last field.
    """

    def __init__(self, file: SourceFile, ending: bytes = b"") -> None:
        super().__init__()
        self._bytes = open_bytes(file.path)
        self._decoder = codecs.getincrementaldecoder(text_encoding(file))("tierhouse_mark")
        self._ready = b""
        self._ending: bytes | None = ending
        self.marked = self.is_open = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes: Arrow copies the result into a buffer of that size."""
        while self._ending is not None and (size < 0 or len(self._ready) < size):
            raw = self._bytes.read(size if size > 0 else -1)
            text = self._decoder.decode(raw, final=not raw)
            self.marked = self.marked or MARK in text
            self.is_open = text[-1] not in '\r\n"' if text else self.is_open
            self._ready += text.encode()
            if not raw:
                self._ready += self._ending
                self._ending = None
        result, self._ready = (self._ready, b"") if size < 0 else (self._ready[:size], self._ready[size:])
        return result

    def close(self) -> None:
        self._bytes.close()
        super().close()
