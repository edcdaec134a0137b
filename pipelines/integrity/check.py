"""Compare single files, or all files of a folder, with the checksum log before they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.integrity.log import ChecksumLog, read_log, reread
from pipelines.integrity.places import BATCH_MANIFESTS, RESTORE, Place, batch_of, is_manifest, listed_by, place_of
from pipelines.integrity.sums import FileSum, IntegrityError, file_sum_once

SHOWN = 5
STRAY = "move it out of the home, or accept it if it came back from your backup"

Listed = Mapping[str, FileSum | str]
"""Path below the home → sum, or only the SHA-256 if its manifest states no size."""


@dataclass(frozen=True)
class Fault:
    """A file that differs from what was written. `what` says what was expected and what was found.

    `instead` replaces the remedy of the place of the file.
    """

    file: str
    what: str
    instead: str | None = None

    @property
    def remedy(self) -> str:
        """Return what to do."""
        if self.instead:
            return self.instead
        place = place_of(self.file)
        return f"{RESTORE}; without a backup, {place.remedy_for(self.file)}" if place else RESTORE

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def assert_files(home: Path, files: Iterable[Path]) -> None:
    """Raise IntegrityError if a file differs from what was written.

    Accepts all files of a home without a log. The next run seals such a home.
    """
    names = [file.relative_to(home).as_posix() for file in files]
    _assert(home, lambda log: faults_of(home, log, names, {}))


def assert_rows(home: Path, files: Iterable[Path]) -> None:
    """As `assert_files`, for rows of landing. The manifests of their batches have the sums."""
    names = [file.relative_to(home).as_posix() for file in files]

    def find_faults(log: ChecksumLog) -> list[Fault]:
        of_batch = {batch_of(manifest): manifest for manifest in log.of(BATCH_MANIFESTS)}
        manifests = sorted({of_batch[batch] for batch in map(batch_of, names) if batch in of_batch})
        return faults_of(home, log, manifests, {}) or faults_of(home, log, names, dict(_listed(home, manifests)))

    _assert(home, find_faults)


def _listed(home: Path, manifests: Iterable[str]) -> Iterator[tuple[str, FileSum | str]]:
    return (listed for manifest in manifests for listed in listed_by(home, manifest))


def assert_place(home: Path, place: Place) -> None:
    """Raise IntegrityError if a file of the place differs from the log, is missing, or is not in the log."""
    _assert(home, lambda log: faults_of(home, log, sorted(log.of(place) | set(place.files(home))), {}))


def is_whole(home: Path, file: Path) -> bool:
    """Whether a file exists as it was written."""
    log = read_log(home)
    return file.is_file() and not (log and faults_of(home, log, [file.relative_to(home).as_posix()], {}))


def folder_is_damaged(home: Path, folder: Path) -> bool:
    """Whether a folder that is written once differs from what was written."""
    log = read_log(home)
    return not folder.is_dir() or bool(log and folder_faults(home, log, folder))


def files_of(home: Path, place: Place) -> list[Path]:
    """Return the files of a place on the disk and in the log."""
    log = read_log(home)
    return [home / name for name in sorted(set(place.files(home)) | (log.of(place) if log else set()))]


def assert_folder(home: Path, folder: Path) -> None:
    """Raise IntegrityError if a folder that is written once differs from what was written, or has other files."""
    _assert(home, lambda log: folder_faults(home, log, folder))


def folder_faults(home: Path, log: ChecksumLog, folder: Path, *, sizes_only: bool = False) -> list[Fault]:
    """Return the faults of the files of a folder. `sizes_only`: read only the manifest."""
    inside = f"{folder.relative_to(home).as_posix()}/"
    manifest = f"{inside}manifest.json"
    known = {name for name, known_sum in log.files.items() if known_sum and name.startswith(inside)}
    listed: Listed = {}
    if manifest in known:
        if wrong := faults_of(home, log, [manifest], {}):
            return wrong
        listed = dict(listed_by(home, manifest))
    paths = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]
    on_disk = {f"{inside}{path.as_posix()}" for path in paths if not any(part.startswith(".") for part in path.parts)}
    return faults_of(home, log, sorted(known | set(listed) | on_disk), listed, sizes_only=sizes_only)


def faults_of(
    home: Path, log: ChecksumLog, names: Iterable[str], listed: Listed, *, sizes_only: bool = False
) -> list[Fault]:
    """Return the faults of files. Skips files that a process is changing."""
    faults = []
    for name in names:
        if name in log.changing:
            continue
        expected = log.files[name] if name in log.files else listed.get(name)
        what = _fault(home / name, expected, sizes_only and not is_manifest(name))
        if what:
            faults.append(Fault(name, what, STRAY if expected is None else None))
    return faults


def _fault(path: Path, expected: FileSum | str | None, sizes_only: bool) -> str | None:
    if expected is None:
        return "no run has written this file" if path.exists() else None
    if not path.is_file():
        return "expected this file, found none"
    if isinstance(expected, FileSum) and (size := path.stat().st_size) != expected.bytes:
        return f"expected {expected.bytes:,} bytes, found {size:,}"
    sha256 = expected if isinstance(expected, str) else expected.sha256
    if not sizes_only and (found := file_sum_once(path).sha256) != sha256:
        return f"expected SHA-256 {sha256[:12]}…, found {found[:12]}…: its bytes have changed"
    return None


def _assert(home: Path, find_faults: Callable[[ChecksumLog], list[Fault]]) -> None:
    log = read_log(home)
    if log is None:
        return
    if find_faults(log):
        # Another process may have changed the files after the log was read.
        reread()
        log = read_log(home)
        faults = find_faults(log) if log else []
        if faults:
            raise IntegrityError(describe(faults))


def describe(faults: list[Fault]) -> str:
    """Format the first faults, with the remedy of the first one, for an error message."""
    lines = [str(fault) for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"and {len(faults) - SHOWN:,} more")
    remedy = faults[0].remedy
    return "\n    ".join([*lines, f"{remedy[0].upper()}{remedy[1:]}. `tierhouse verify` checks all files."])
