"""The checksum log of a home: append-only, each line chained to the lines before it.

A line is `<digest> <content as JSON>`. The digest is the SHA-256 of the digest of the line before and of the content.
Before files are changed, the content is {"at", "changing": [file]}. Afterwards it is {"at", "files": {file: {"bytes",
"sha256"} or null}}, with null for a deleted file. A process that is killed in between leaves files open; the next run
settles them. A file is named by its path below the home.

The log detects accidents: flipped bits, and truncated, exchanged, deleted and added files. It does not protect against
an owner who rewrites files and log together. A digest that is kept on another machine detects that.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO

from pipelines.home.durable import sync
from pipelines.integrity.places import PLACES, Place, knows_checksums, listed_once
from pipelines.integrity.sums import FileSum, IntegrityError, file_sum_once, forget

LOG = "checksums.log"
START = "0" * 64
GONE = "this home had a checksum log, and the log is missing"
OTHER_LINE = "expected a line that continues the line before it, got another line: the log was changed"
LOG_REMEDY = (
    f"restore it from your backup; without a backup, check `tierhouse status` and accept the files as they are: "
    f"`tierhouse verify --accept {LOG} --reason …`"
)


class LogDamaged(IntegrityError):
    """The log is damaged or missing. `what` is the fault without the remedy."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{LOG}: {what}; {LOG_REMEDY}")


@dataclass(frozen=True)
class ChecksumLog:
    """The content of the log.

    `files`: path → sum, None for a deleted file. `changing`: files that a process is changing, or was changing when it
    was killed. `head`: the digest of the last line. `lines`: the number of lines.
    """

    files: Mapping[str, FileSum | None]
    changing: frozenset[str]
    head: str
    lines: int

    def of(self, place: Place) -> set[str]:
        """Return the files of a place that should exist."""
        return self._by_place[place.name]

    @cached_property
    def _by_place(self) -> Mapping[str, set[str]]:
        existing = [name for name, known_sum in self.files.items() if known_sum]
        return {place.name: set(filter(place.holds, existing)) for place in PLACES}


def read_log(home: Path) -> ChecksumLog | None:
    """Read the log. Returns None if the home has no log. Raises LogDamaged if the log was changed."""
    path = home / LOG
    if not path.exists() or not (state := path.stat()).st_size:
        return None
    return _parse(path, state.st_ino, state.st_size, state.st_mtime_ns)


@contextmanager
def changing(home: Path, *files: Path) -> Generator[None]:
    """Record a change of files. The caller writes, replaces or deletes them in the body of the `with` statement.

    Locks the log, so one process at a time changes files. Seals a home without a log first. Raises LogDamaged if the
    log is damaged or missing.
    """
    names = [file.relative_to(home).as_posix() for file in files]
    with _locked(home) as log:
        _seal_if_new(home, log)
        _append(log, {"changing": names})
        try:
            yield
        finally:
            _append(log, {"files": _sums(home, names)})


@contextmanager
def settled(home: Path) -> Generator[tuple[frozenset[str], list[str]]]:
    """Seal a home without a log, and record the sums of files that killed processes left open.

    Locks the log within the `with` statement. Yields the files that were open, and lines that report the changes.
    Raises LogDamaged if the log is damaged or missing.
    """
    lines = []
    with _locked(home) as log:
        if sealed := _seal_if_new(home, log):
            lines.append(f"{LOG}: sealed {sealed:,} files as they are; earlier changes cannot be detected")
        current = read_log(home)
        unsettled = current.changing if current else frozenset()
        if unsettled:
            _append(log, {"files": _sums(home, unsettled)})
            lines.append(f"{LOG}: settled {len(unsettled):,} files that a killed process was writing")
        yield unsettled, lines


def accept(home: Path, files: Sequence[str], reason: str) -> None:
    """Accept files as they are now, also missing ones. For the log itself, begin a new log with all files."""
    if LOG in files:
        _set_aside(home)
    with _locked(home) as log:
        if LOG not in files:
            _seal_if_new(home, log)
        names = _existing_files(home) if LOG in files else files
        _append(log, {"files": _sums(home, names), "reason": reason})


def _set_aside(home: Path) -> None:
    """Rename the old log, so that it is kept."""
    path = home / LOG
    if path.exists():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        path.replace(path.with_name(f"{LOG}.{digest}"))


def _seal_if_new(home: Path, log: IO[bytes]) -> int:
    """Record all files of a home without a log. Returns their number. Raises LogDamaged as `read_log` does."""
    if log.seek(0, os.SEEK_END):
        read_log(home)
        return 0
    if knows_checksums(home):
        raise LogDamaged(GONE)
    names = _existing_files(home)
    if names:
        _append(log, {"files": _sums(home, names), "reason": "the home is older than its log"})
    return len(names)


def _existing_files(home: Path) -> list[str]:
    return [name for place in PLACES for name in place.files(home)]


def _sums(home: Path, names: Iterable[str]) -> dict[str, dict[str, int | str] | None]:
    return {name: asdict(file_sum_once(home / name)) if (home / name).is_file() else None for name in sorted(names)}


@contextmanager
def _locked(home: Path) -> Generator[IO[bytes]]:
    """Open and lock the log. Removes a half-written last line of a killed process."""
    path = home / LOG
    is_new = not path.exists()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        if is_new:
            sync(home)
        content = log.read()
        if content and not content.endswith(b"\n"):
            log.truncate(content.rfind(b"\n") + 1)
        yield log


def _append(log: IO[bytes], content: dict[str, object]) -> None:
    log.seek(0)
    lines = log.read().splitlines()
    before = lines[-1][:64].decode() if lines else START
    body = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **content}, ensure_ascii=False)
    log.write(f"{_digest(before, body.encode())} {body}\n".encode())
    log.flush()
    os.fsync(log.fileno())


def _digest(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode() + b" " + body).hexdigest()


@lru_cache(maxsize=4)
def _parse(path: Path, *_state: int) -> ChecksumLog:
    files: dict[str, FileSum | None] = {}
    unsettled: set[str] = set()
    head, number = START, 0
    for number, line in enumerate(_whole_lines(path), start=1):
        digest, _, body = line.partition(b" ")
        if digest.decode("ascii", "replace") != _digest(head, body):
            raise LogDamaged(f"line {number}: {OTHER_LINE}")
        head, content = digest.decode(), json.loads(body)
        unsettled |= set(content.get("changing", ()))
        for name, written in content.get("files", {}).items():
            files[name] = FileSum(**written) if written else None
            unsettled.discard(name)
    return ChecksumLog(files, frozenset(unsettled), head, number)


def _whole_lines(path: Path) -> list[bytes]:
    """Return the lines of the log without a half-written last line."""
    return path.read_bytes().split(b"\n")[:-1]


def reread() -> None:
    """Forget everything that this process has read, so that files and log are read again."""
    forget()
    _parse.cache_clear()
    listed_once.cache_clear()
