"""Compare all files that the checksum log covers with the log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.integrity.check import Fault, Listed, faults_of
from pipelines.integrity.log import GONE, LOG, LOG_REMEDY, ChecksumLog, LogDamaged, read_log, reread
from pipelines.integrity.places import (
    BATCH_MANIFESTS,
    PLACES,
    QUARANTINE,
    ROWS,
    SET_ASIDE,
    Place,
    batch_of,
    folders_of,
    is_manifest,
    knows_checksums,
    listed_by,
)


@dataclass(frozen=True)
class Checked:
    """The result for one place: the number of files and bytes, and the faults."""

    place: str
    files: int
    bytes: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Verification:
    """The result for a home.

    `head`: the digest of the last line of the log. A copy elsewhere proves later that the log was not rewritten.
    `changing`: files that were not checked, because a process is writing them or was killed while it wrote.
    """

    places: tuple[Checked, ...]
    head: str | None
    changing: tuple[str, ...] = ()

    @property
    def faults(self) -> list[Fault]:
        return [fault for place in self.places for fault in place.faults]


def verify(home: Path, places: Sequence[Place] = PLACES) -> Verification:
    """Read every file and compare it with the log. If a run changes files meanwhile, compare again."""
    reread()
    first, log = _verify(home, places)
    if not first.faults or log is None:
        return first
    reread()
    again = read_log(home)
    return first if again and again.head == log.head else _verify(home, places)[0]


def _verify(home: Path, places: Sequence[Place]) -> tuple[Verification, ChecksumLog | None]:
    try:
        log = read_log(home)
    except LogDamaged as error:
        return _without_log(error.what, LOG_REMEDY), None
    if log is None and knows_checksums(home):
        return _without_log(GONE, LOG_REMEDY), None
    if log is None:
        return _without_log("this home has no log yet", "run a day: the run seals the files as they are"), None
    stated = _stated(home, log)
    checked = tuple(_checked(home, log, place, stated) for place in places)
    own = Checked(LOG, 1, (home / LOG).stat().st_size, ())
    link = Checked("links to versions", *_links(home))
    return Verification((own, *checked, link), log.head, tuple(sorted(log.changing))), log


def covered(home: Path, path: str) -> list[str]:
    """Return the files, on the disk or in the log, that `verify` checks at or below a path of the home."""
    log = read_log(home)
    known = {name for place in PLACES for name in place.files(home)}
    if log:
        known |= {name for name, known_sum in log.files.items() if known_sum} | set(_stated(home, log).files)
    return sorted(name for name in known if name == path or name.startswith(f"{path.rstrip('/')}/"))


def _without_log(what: str, instead: str) -> Verification:
    return Verification((Checked(LOG, 0, 0, (Fault(LOG, what, instead),)),), None)


def _checked(home: Path, log: ChecksumLog, place: Place, stated: _Stated) -> Checked:
    names = log.of(place) | {name for name in stated.files if place.holds(name)}
    names |= {name for name in place.files(home) if name in log.files or not name.startswith(stated.unlisted)}
    if place is ROWS:
        names = {name for name in names if batch_of(name) not in stated.unread}
    if place is QUARANTINE:
        # A file without a manifest belongs to a batch that was never committed.
        names = {name for name in names if name in log.files or name in stated.files}
    wrong = faults_of(home, log, sorted(names), stated.files)
    size = sum((home / name).stat().st_size for name in names if (home / name).is_file())
    return Checked(place.name, len(names), size, tuple(wrong))


@dataclass(frozen=True)
class _Stated:
    """The content of all undamaged manifests.

    `files`: path → sum. `unread`: batches whose rows no run reads any more. `unlisted`: beginnings of the paths of
    files whose manifest is damaged, so that their sums are unknown.
    """

    files: Listed
    unread: set[str]
    unlisted: tuple[str, ...]


def _stated(home: Path, log: ChecksumLog) -> _Stated:
    manifests = {name for name, known_sum in log.files.items() if known_sum and is_manifest(name)}
    unknown = {fault.file for fault in faults_of(home, log, manifests, {})} | log.changing
    good = sorted(manifests - unknown)
    return _Stated(
        dict(listed for name in good for listed in listed_by(home, name)),
        _unread(home, filter(BATCH_MANIFESTS.holds, good)),
        tuple(start for name in unknown if is_manifest(name) for start in folders_of(name)),
    )


def _unread(home: Path, manifests: Iterable[str]) -> set[str]:
    """Return the rejected batches to whose rows no other batch refers. No run reads these rows."""
    rejected = {Path(name).stem for name in SET_ASIDE.files(home)}
    contents = [json.loads((home / name).read_text(encoding="utf-8")) for name in manifests]
    live = [content for content in contents if content["batch"] not in rejected]
    return rejected - {through["batch"] for content in live for through in content.get("through", ())}


def _links(home: Path) -> tuple[int, int, tuple[Fault, ...]]:
    links = [link for link in (home / "published" / "current", home / "crm_export" / "current") if link.is_symlink()]
    broken = [link.relative_to(home).as_posix() for link in links if not link.is_dir()]
    what, instead = "expected a link to a version, got a broken link", "run the day again, or `tierhouse rollback`"
    return len(links), 0, tuple(Fault(name, what, instead) for name in broken)
