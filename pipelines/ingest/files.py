"""The files of a source: finding them, telling them apart by content, and opening them as UTF-8 text."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping import FileMapping, SourceMapping

MARK = "\ufdd0"
"""Stands for bytes that are no text in the file's encoding: a code point that no text may hold."""

READ_ERRORS = (OSError, EOFError, zlib.error)
FOREIGN = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\x1f\x8b": "gzip data: a gzip file's name ends in .gz",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"%PDF": "a PDF",
}
HEAD_BYTES = 1 << 20

codecs.register_error("tierhouse_mark", lambda error: (MARK, error.end))


@dataclass(frozen=True)
class SourceFile:
    """A file that an entry of the mapping matches. `name` is its path below the root, with forward slashes."""

    name: str
    path: Path
    mapping: FileMapping
    sha256: str
    mapping_sha256: str

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.name, self.sha256, self.mapping_sha256


def find_files(mapping: SourceMapping, entry: FileMapping) -> list[Path]:
    """Files that the entry's path matches, by name. Raises FileRefused where there are none."""
    found = sorted(path for path in mapping.root.glob(entry.path) if path.is_file())
    if not found:
        raise FileRefused(entry.path, f"no file below {mapping.root} matches")
    return found


def identify(mapping: SourceMapping, entry: FileMapping, path: Path) -> SourceFile:
    """The file with the hashes by which it is known again."""
    name = path.relative_to(mapping.root).as_posix()
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise FileRefused(name, f"cannot be read: {error.strerror}") from error
    return SourceFile(name, path, entry, digest, mapping.digest(entry))


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked if its name ends in .gz."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def read_head(file: SourceFile) -> str:
    """The beginning of a text file, decoded. Raises FileRefused for what is no text, naming what it is."""
    try:
        with open_bytes(file.path) as stream:
            head = stream.read(HEAD_BYTES)
    except READ_ERRORS as error:
        raise refuse_unreadable(file, error) from error
    if not head.strip():
        raise FileRefused(file.name, "expected a header and rows, found an empty file", line=1)
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise FileRefused(file.name, f"expected {file.mapping.format} text, found {what}", line=1)
    encoding = text_encoding(file)
    if b"\0" in head and not encoding.startswith(("utf-16", "utf-32")):
        line = head[: head.index(b"\0")].count(b"\n") + 1
        raise FileRefused(file.name, f"expected {file.mapping.format} text, found binary data", line=line)
    return codecs.getincrementaldecoder(encoding)("tierhouse_mark").decode(head)


def refuse_unreadable(file: SourceFile, error: Exception, line: int | None = None) -> FileRefused:
    """The refusal that a failed read comes to."""
    if isinstance(error, EOFError):
        return FileRefused(file.name, "expected a whole gzip file, found its end missing: it is truncated", line=line)
    return FileRefused(file.name, f"cannot be read: {error}", line=line)


def text_encoding(file: SourceFile) -> str:
    """The codec to decode with: a byte order mark is tolerated."""
    name = codecs.lookup(file.mapping.encoding).name
    return "utf-8-sig" if name == "utf-8" else name


class Utf8Stream(io.RawIOBase):
    """A text file as UTF-8 bytes without byte order mark, followed by `ending`.

    Bytes that are no text become MARK; `marked` says whether there were any.
    """

    def __init__(self, file: SourceFile, ending: bytes = b"") -> None:
        super().__init__()
        self._bytes = open_bytes(file.path)
        self._decoder = codecs.getincrementaldecoder(text_encoding(file))("tierhouse_mark")
        self._ready = b""
        self._ending: bytes | None = ending
        self.marked = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes: Arrow copies what it gets into a buffer of that size."""
        while self._ending is not None and (size < 0 or len(self._ready) < size):
            raw = self._bytes.read(size if size > 0 else -1)
            text = self._decoder.decode(raw, final=not raw)
            self.marked = self.marked or MARK in text
            self._ready += text.encode()
            if not raw:
                self._ready += self._ending
                self._ending = None
        result, self._ready = (self._ready, b"") if size < 0 else (self._ready[:size], self._ready[size:])
        return result

    def close(self) -> None:
        self._bytes.close()
        super().close()
