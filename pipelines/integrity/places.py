"""The files of a home that the checksum log covers, and what to do if a file is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from pipelines.integrity.sums import FileSum

RESTORE = "restore it from your backup"
_DAY = re.compile(r"^(as_of=)?\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Place:
    """Files of one kind.

    `patterns`: globs relative to the home. `remedy`: what to do without a backup, with <batch> and <day> as
    placeholders for the parts of the path.
    """

    name: str
    patterns: tuple[str, ...]
    remedy: str

    def files(self, home: Path) -> list[str]:
        """Return the existing files as paths below the home. Skips hidden files, which are unfinished writes."""
        return sorted(name for pattern in self.patterns for name in _visible(home, pattern))

    def holds(self, file: str) -> bool:
        """Whether a path below the home belongs to this place."""
        return self._pattern.fullmatch(file) is not None

    def remedy_for(self, file: str) -> str:
        """Return the remedy for a file of this place."""
        path = PurePosixPath(file)
        batch = batch_of(file) or path.stem
        day = next((part.removeprefix("as_of=")[:10] for part in path.parts if _DAY.search(part)), "")
        return self.remedy.replace("<batch>", batch).replace("<day>", day)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(pattern).replace(r"\*", "[^/]*") for pattern in self.patterns))


PLACES = (
    Place(
        "landing: batch manifests",
        ("landing/batches/*.json",),
        "run a day: the run rebuilds it from landing/data/<batch>/batch.json; if that file is wrong too, accept the "
        "manifest and landing/data/<batch>, and reject the batches that the next run names because they refer to it",
    ),
    Place(
        "landing: rows",
        ("landing/data/*/*.parquet",),
        "reject the batch with `tierhouse reject <batch> --reason …`, and the batches that this command names; deliver "
        "their files again under other names",
    ),
    Place("landing: rejected batches", ("landing/rejected/*.json",), "accept it and reject <batch> again"),
    Place("quarantine", ("quarantine/*.parquet",), "accept it: no grade depends on it"),
    Place("drop folder records", ("dropped/*.json",), "accept it: its files can be loaded a second time"),
    Place(
        "ledger",
        ("ledger/*/as_of=*/*.parquet",),
        "accept it and grade its day again: `tierhouse backfill <day> <day>`",
    ),
    Place(
        "acceptances",
        ("ledger/acceptances/*.json",),
        "accept the file, and repeat what it accepted: `tierhouse accept`",
    ),
    Place("champions", ("model_store/champions.json",), "check that it names the right models, and accept it"),
    Place(
        "models",
        ("model_store/*/*",),
        "return to the model before it with `tierhouse demote`, or train again as of the day in its name",
    ),
    Place(
        "published versions",
        ("published/versions/*/*", "published/versions/*/report/*", "published/versions/*/report/agents/*"),
        "publish its day again: `tierhouse run --as-of <day>`",
    ),
    Place("CRM exports", ("crm_export/versions/*/*",), "publish its day again: `tierhouse run --as-of <day>`"),
)
"""All files that a later run, a rollback or a reader needs. A run rebuilds the other files of the home."""

BATCH_MANIFESTS, ROWS, SET_ASIDE, QUARANTINE, DROP_RECORDS, LEDGER, ACCEPTANCES, *_ = PLACES


def place_of(file: str) -> Place | None:
    """Return the place of a path below the home, or None if the log does not cover it."""
    return next((place for place in PLACES if place.holds(file)), None)


def listed_by(home: Path, manifest: str) -> list[tuple[str, FileSum | str]]:
    """Return the files of a manifest with their sums, or only the SHA-256 if the manifest states no size."""
    state = (home / manifest).stat()
    return listed_once(home, manifest, state.st_ino, state.st_size, state.st_mtime_ns)


@cache
def listed_once(home: Path, manifest: str, *_state: int) -> list[tuple[str, FileSum | str]]:
    """As `listed_by`, cached by inode, size and time of change of the manifest."""
    content = json.loads((home / manifest).read_text(encoding="utf-8"))
    if BATCH_MANIFESTS.holds(manifest):
        return [(one["file"], FileSum(one["bytes"], one["sha256"])) for one in content.get("data") or ()]
    folder = PurePosixPath(manifest).parent
    sums: dict[str, FileSum | str] = {
        str(folder / name): FileSum(one["bytes"], one["sha256"]) for name, one in content.get("files", {}).items()
    }
    sums |= {str(folder / name): sha256 for name, sha256 in content.get("sha256", {}).items()}
    return list(sums.items())


def batch_of(file: str) -> str | None:
    """Return the batch of a file with rows or of a manifest, else None."""
    path = PurePosixPath(file)
    if ROWS.holds(file):
        return path.parent.name
    return path.stem.partition("-")[2] if BATCH_MANIFESTS.holds(file) else None


def folders_of(manifest: str) -> tuple[str, ...]:
    """Return the beginnings of the paths of the files that only this manifest lists."""
    if batch := batch_of(manifest):
        return f"landing/data/{batch}/", f"quarantine/{batch}."
    return (f"{PurePosixPath(manifest).parent}/",)


def is_manifest(file: str) -> bool:
    """Whether a file is a manifest: it lists other files with their sums."""
    return BATCH_MANIFESTS.holds(file) or PurePosixPath(file).name == "manifest.json"


def knows_checksums(home: Path) -> bool:
    """Whether the home had a checksum log: a manifest shows it."""
    manifests = [json.loads((home / name).read_text(encoding="utf-8")) for name in BATCH_MANIFESTS.files(home)]
    return any(manifest.get("data") is not None for manifest in manifests) or any(
        next(_visible(home, f"{place}/versions/*/manifest.json"), None) for place in ("published", "crm_export")
    )


def _visible(home: Path, pattern: str) -> Iterator[str]:
    for path in home.glob(pattern):
        inside = path.relative_to(home)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield inside.as_posix()
