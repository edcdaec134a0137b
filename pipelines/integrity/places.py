"""Where the home keeps what the checksum log covers, and what to do when a file there is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from pipelines.integrity.sums import FileSum

RESTORE = "restore it from your backup"


@dataclass(frozen=True)
class Place:
    """Files of one kind. `patterns` are relative to the home; `remedy` is what helps where no backup does, with <batch>
    and <day> for what the path names."""

    name: str
    patterns: tuple[str, ...]
    remedy: str

    def files(self, home: Path) -> list[str]:
        """The files that are there, by path below the home. Hidden ones are unfinished writes."""
        return sorted(name for pattern in self.patterns for name in _visible(home, pattern))

    def holds(self, file: str) -> bool:
        """Whether a path below the home is of this place."""
        return self._pattern.fullmatch(file) is not None

    def remedy_for(self, file: str) -> str:
        """The remedy for a file of this place."""
        path = PurePosixPath(file)
        batch = batch_of(file) or path.stem
        day = path.parent.name.removeprefix("as_of=")[:10]
        return self.remedy.replace("<batch>", batch).replace("<day>", day)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(pattern).replace(r"\*", "[^/]*") for pattern in self.patterns))


PLACES = (
    Place(
        "landing: batch manifests",
        ("landing/batches/*.json",),
        "run a day: the run writes it anew from landing/data/<batch>/batch.json; where that is wrong too, accept the "
        "manifest and landing/data/<batch>, and set aside the batches that the next run says refer to it",
    ),
    Place(
        "landing: rows",
        ("landing/data/*/*.parquet",),
        "set the batch aside with `tierhouse reject <batch> --reason …`, with those that it names, and deliver their "
        "files again under other names",
    ),
    Place("landing: batches set aside", ("landing/rejected/*.json",), "accept it and reject <batch> again"),
    Place("quarantine", ("quarantine/*.parquet",), "accept it: no grade depends on it"),
    Place("drop folder records", ("dropped/*.json",), "accept it: files that came with it may be taken a second time"),
    Place(
        "ledger",
        ("ledger/*/as_of=*/*.parquet",),
        "accept it and grade its day again: `tierhouse backfill <day> <day>`",
    ),
    Place(
        "acceptances",
        ("ledger/acceptances/*.json",),
        "accept it, and what it had accepted once more: `tierhouse accept`",
    ),
    Place("champions", ("model_store/champions.json",), "look whether it names the right models, and accept it"),
    Place(
        "models",
        ("model_store/*/*",),
        "let the model before it score with `tierhouse demote`, or train as of the day in its name again",
    ),
    Place("published versions", ("published/versions/*/*",), "publish its day again: `tierhouse run --as-of <day>`"),
    Place("CRM exports", ("crm_export/versions/*/*",), "publish its day again: `tierhouse run --as-of <day>`"),
)
"""Every file that a later run, a rollback or a reader relies on. Each run rebuilds the other files of the home."""

BATCH_MANIFESTS, ROWS, SET_ASIDE, QUARANTINE, DROP_RECORDS, LEDGER, ACCEPTANCES, *_ = PLACES


def place_of(file: str) -> Place | None:
    """The place of a path below the home."""
    return next((place for place in PLACES if place.holds(file)), None)


def listed_by(home: Path, manifest: str) -> list[tuple[str, FileSum | str]]:
    """The files that a manifest lists, with their sums; where the manifest states no size, with SHA-256 alone."""
    state = (home / manifest).stat()
    return listed_once(home, manifest, state.st_ino, state.st_size, state.st_mtime_ns)


@cache
def listed_once(home: Path, manifest: str, *_state: int) -> list[tuple[str, FileSum | str]]:
    """As `listed_by`, read once while the file's inode, size and time of change stay."""
    content = json.loads((home / manifest).read_text(encoding="utf-8"))
    if BATCH_MANIFESTS.holds(manifest):
        return [(one["file"], FileSum(one["bytes"], one["sha256"])) for one in content.get("data") or ()]
    folder = PurePosixPath(manifest).parent
    sums = [
        (str(folder / name), FileSum(one["bytes"], one["sha256"])) for name, one in content.get("files", {}).items()
    ]
    return sums + [(str(folder / name), sha256) for name, sha256 in content.get("sha256", {}).items()]


def batch_of(file: str) -> str | None:
    """The batch whose rows or whose manifest a file is."""
    path = PurePosixPath(file)
    if ROWS.holds(file):
        return path.parent.name
    return path.stem.partition("-")[2] if BATCH_MANIFESTS.holds(file) else None


def folders_of(manifest: str) -> tuple[str, ...]:
    """With what the names of the files begin that only this manifest lists."""
    if batch := batch_of(manifest):
        return f"landing/data/{batch}/", f"quarantine/{batch}."
    return (f"{PurePosixPath(manifest).parent}/",)


def is_manifest(file: str) -> bool:
    """Whether a file lists other files with their sums."""
    return BATCH_MANIFESTS.holds(file) or PurePosixPath(file).name == "manifest.json"


def knows_checksums(home: Path) -> bool:
    """Whether something in the home was written beside a checksum log."""
    manifests = [json.loads((home / one).read_text(encoding="utf-8")) for one in BATCH_MANIFESTS.files(home)]
    return any(one.get("data") is not None for one in manifests) or any(
        next(_visible(home, f"{place}/versions/*/manifest.json"), None) for place in ("published", "crm_export")
    )


def _visible(home: Path, pattern: str) -> Iterator[str]:
    for path in home.glob(pattern):
        inside = path.relative_to(home)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield inside.as_posix()
