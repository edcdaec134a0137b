"""The checksum log of a home: append-only, each line chained to the lines before it.

A line is `<SHA-256 of the digest before and of the content> <content as JSON>`. Its content is, before files are
changed, {"at", "changing": [file]} and afterwards {"at", "files": {file: {"bytes", "sha256"} or null}}; null says that
the file is gone. A process that is killed between the two leaves files open, and the next run settles them. Files are
named by their paths below the home.

The log finds accidents: flipped bits, truncated, exchanged, deleted and added files. Whoever may write the whole home
can also write a new log; only a digest that was kept elsewhere shows that.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
GONE = "this home was written with a checksum log, and the log is gone"
OTHER_LINE = "expected a line that continues the one before it, found another: the log was changed"
LOG_REMEDY = (
    f"restore it from your backup; where there is none, look at what `tierhouse status` shows and take the files as "
    f"they are: `tierhouse verify --accept {LOG} --reason …`"
)


class LogDamaged(IntegrityError):
    """The log cannot be relied on. `what` is the fault without the remedy."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{LOG}: {what}; {LOG_REMEDY}")


@dataclass(frozen=True)
class ChecksumLog:
    """What the log says. `files`: the sums by path, null for a file that is gone; `changing`: files that a process
    changes now, or was changing when it was killed; `head`: the digest of the last line."""

    files: Mapping[str, FileSum | None]
    changing: frozenset[str]
    head: str
    lines: int

    def of(self, place: Place) -> set[str]:
        """The files of a place that should be there."""
        return self._by_place[place.name]

    @cached_property
    def _by_place(self) -> Mapping[str, set[str]]:
        there = [name for name, one in self.files.items() if one]
        return {place.name: set(filter(place.holds, there)) for place in PLACES}


def read_log(home: Path) -> ChecksumLog | None:
    """The log, null where the home has none. Raises LogDamaged for a log that was changed."""
    path = home / LOG
    if not path.exists() or not (state := path.stat()).st_size:
        return None
    return _parsed(path, state.st_ino, state.st_size, state.st_mtime_ns)


@contextmanager
def changing(home: Path, *files: Path) -> Iterator[None]:
    """Write, replace or delete these files within; afterwards the log has their sums. One process at a time.

    Seals a home without a log first. Raises LogDamaged where the log was changed or is gone.
    """
    names = [file.relative_to(home).as_posix() for file in files]
    with _held(home) as log:
        _begin(home, log)
        _append(log, {"changing": names})
        try:
            yield
        finally:
            _append(log, {"files": _sums(home, names)})


@contextmanager
def settled(home: Path) -> Iterator[tuple[frozenset[str], list[str]]]:
    """Seal a home without a log, and settle what killed processes left open; no process changes files meanwhile.

    Gives the files that were open, and what to say of it. Raises LogDamaged where the log was changed or is gone.
    """
    said = []
    with _held(home) as log:
        if sealed := _begin(home, log):
            said.append(f"{LOG}: sealed {sealed:,} files as they are; what changed before cannot be noticed")
        found = read_log(home)
        unsettled = found.changing if found else frozenset()
        if unsettled:
            _append(log, {"files": _sums(home, unsettled)})
            said.append(f"{LOG}: settled {len(unsettled):,} files that a killed process was writing")
        yield unsettled, said


def accept(home: Path, files: Sequence[str], reason: str) -> None:
    """Take files as they are now, present or gone. For the log itself: begin a new one with all files as they are."""
    if LOG in files:
        _set_aside(home)
    with _held(home) as log:
        if LOG not in files:
            _begin(home, log)
        names = _present(home) if LOG in files else files
        _append(log, {"files": _sums(home, names), "reason": reason})


def _set_aside(home: Path) -> None:
    """Keep the old log under a name of its own."""
    path = home / LOG
    if path.exists():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        path.replace(path.with_name(f"{LOG}.{digest}"))


def _begin(home: Path, log: IO[bytes]) -> int:
    """Seal a home without a log; the number of files."""
    if log.seek(0, os.SEEK_END):
        read_log(home)
        return 0
    if knows_checksums(home):
        raise LogDamaged(GONE)
    names = _present(home)
    if names:
        _append(log, {"files": _sums(home, names), "reason": "the home is older than its log"})
    return len(names)


def _present(home: Path) -> list[str]:
    return [name for place in PLACES for name in place.files(home)]


def _sums(home: Path, names: Iterable[str]) -> dict[str, dict | None]:
    return {name: asdict(file_sum_once(home / name)) if (home / name).is_file() else None for name in sorted(names)}


@contextmanager
def _held(home: Path) -> Iterator[IO[bytes]]:
    """The log, locked; a line that a killed process left half written is cut off."""
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


def _append(log: IO[bytes], content: dict) -> None:
    log.seek(0)
    lines = log.read().splitlines()
    before = lines[-1][:64].decode() if lines else START
    body = json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **content}, ensure_ascii=False)
    log.write(f"{_chained(before, body.encode())} {body}\n".encode())
    log.flush()
    os.fsync(log.fileno())


def _chained(before: str, body: bytes) -> str:
    return hashlib.sha256(before.encode() + b" " + body).hexdigest()


@lru_cache(maxsize=4)
def _parsed(path: Path, *_state: int) -> ChecksumLog:
    files: dict[str, FileSum | None] = {}
    unsettled: set[str] = set()
    head, number = START, 0
    for number, line in enumerate(_whole_lines(path), start=1):
        digest, _, body = line.partition(b" ")
        if digest.decode("ascii", "replace") != _chained(head, body):
            raise LogDamaged(f"line {number}: {OTHER_LINE}")
        head, content = digest.decode(), json.loads(body)
        unsettled |= set(content.get("changing", ()))
        for name, one in content.get("files", {}).items():
            files[name] = FileSum(**one) if one else None
            unsettled.discard(name)
    return ChecksumLog(files, frozenset(unsettled), head, number)


def _whole_lines(path: Path) -> list[bytes]:
    """The lines, without one that is only half written yet."""
    return path.read_bytes().split(b"\n")[:-1]


def reread() -> None:
    """Forget what this process knows of files and log."""
    forget()
    _parsed.cache_clear()
    listed_once.cache_clear()
