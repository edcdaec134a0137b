"""Moves complete files from the drop folder to the root of their source, as one batch, and rejects the others."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.errors import plain_error
from pipelines.home.settings import Settings
from pipelines.ingest.drop.batches import (
    DroppedBatch,
    DroppedFile,
    batch_name,
    dropped_batches,
    new_batch,
    write_record,
)
from pipelines.ingest.drop.move import NoFreeName, free_name, hash_of, make_folder_below, move_without_replacing
from pipelines.ingest.drop.reject import put_aside
from pipelines.ingest.drop.report import (
    duplicate_report,
    invalid_names_report,
    no_free_name_report,
    unread_report,
    unreadable_report,
)
from pipelines.ingest.drop.scan import State, scan, state_of
from pipelines.ingest.errors import MappingError
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.messages import is_text, printable


@dataclass
class Tick:
    """The result of one evaluation of the sensor. The next evaluation needs `states`.

    `waiting`: a sentence for each file that is still being written and each folder without a valid mapping. `aside`:
    folders of rejected files. `problems`: a sentence for each operation that the system refused; the next evaluation
    tries it again.
    """

    states: Mapping[str, State] = field(default_factory=dict)
    batches: list[DroppedBatch] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def errors_as_problems(self) -> Generator[None]:
        """Add an OSError to `problems` instead of raising it."""
        try:
            yield
        except OSError as error:
            self.problems.append(f"drop folder: {printable(plain_error(error))}")


def take_dropped(settings: Settings, before: Mapping[str, State]) -> Tick:
    """Take the complete files and create the folder of each source.

    The function can be killed and called again. A file or a source with an error does not stop the others.
    """
    tick = Tick()
    mappings, faulty = _mappings(settings)
    for source in mappings:
        with tick.errors_as_problems():
            (settings.drop / source).mkdir(parents=True, exist_ok=True)
    for batch in dropped_batches(settings):
        if not batch.moved and batch.source in mappings:
            _move(settings, mappings[batch.source].root, batch, tick)
    scanned = scan(settings, before)
    tick.states = scanned.states
    tick.problems += scanned.problems
    tick.waiting += [f"{printable(name)} is still being written" for name in scanned.waiting]
    for folder, names in scanned.complete.items():
        if folder in faulty:
            tick.waiting.append(f"drop/{folder} waits for its mapping: {faulty[folder]}")
            continue
        with tick.errors_as_problems():
            if folder in mappings:
                _take(settings, mappings[folder], names, tick)
            else:
                report = unread_report(names, {source: _patterns(mapping) for source, mapping in mappings.items()})
                _put_aside(settings, "unknown-source", names, report, tick)
    tick.states = {name: state for name, state in scanned.states.items() if os.path.lexists(settings.drop / name)}
    return tick


def _mappings(settings: Settings) -> tuple[dict[str, SourceMapping], dict[str, str]]:
    """The valid mappings by source, and the errors of the others by source or file name."""
    good: dict[str, SourceMapping] = {}
    faulty: dict[str, str] = {}
    for path in settings.mapping_files:
        try:
            mapping = load_mapping(path)
        except MappingError as error:
            faulty[path.stem] = str(error)
            continue
        if mapping.root.is_relative_to(settings.drop.resolve()):
            faulty[mapping.source] = (
                f"{path.name}, root: expected a folder outside the drop folder, found {mapping.root}: "
                "files in the drop folder can be incomplete"
            )
            continue
        good.setdefault(mapping.source, mapping)
    return good, faulty


def _take(settings: Settings, mapping: SourceMapping, names: Sequence[str], tick: Tick) -> None:
    folder = settings.drop / mapping.source
    entries = {path: entry for entry in reversed(mapping.files) for path in folder.glob(entry.path)}
    invalid = [name for name in names if not is_text(name)]
    if invalid:
        report = invalid_names_report(invalid, mapping.source)
        _put_aside(settings, f"{mapping.source}-odd-name", invalid, report, tick)
    unread = [name for name in names if settings.drop / name not in entries and name not in invalid]
    if unread:
        report = unread_report(unread, {mapping.source: _patterns(mapping)})
        _put_aside(settings, f"{mapping.source}-unknown-name", unread, report, tick)
    recorded = _recorded(settings, mapping)
    names = [name for name in names if name not in {*invalid, *unread, *recorded}]
    existing = _latest(settings, mapping)
    files: list[DroppedFile] = []
    duplicates: list[DroppedFile] = []
    for path in (settings.drop / name for name in names):
        sent = path.relative_to(folder).as_posix()
        try:
            sha256 = hash_of(path)
            is_growing = state_of(path) != tick.states[path.relative_to(settings.drop).as_posix()]
        except FileNotFoundError:
            continue
        except OSError as error:
            tick.problems.append(f"{mapping.source}/{sent} cannot be read: {error.strerror}")
            report = unreadable_report(sent, mapping.source, str(error.strerror))
            _put_aside(settings, f"{mapping.source}-unreadable", [f"{mapping.source}/{sent}"], report, tick)
            continue
        if is_growing:
            tick.waiting.append(f"{mapping.source}/{sent} is still being written")
            return
        is_known = sha256 in existing or any(sha256 == file.sha256 for file in files)
        (duplicates if is_known else files).append(DroppedFile(sent, sent, sha256))
    if duplicates:
        aside = [f"{mapping.source}/{file.sent}" for file in duplicates]
        report = duplicate_report(duplicates, existing)
        _put_aside(settings, batch_name(mapping.source, duplicates), aside, report, tick)
    placed = _place(settings, mapping, files, entries, tick)
    if placed:
        batch = new_batch(settings, mapping.source, placed)
        write_record(settings, batch)
        tick.batches.append(_move(settings, mapping.root, batch, tick))


def _put_aside(settings: Settings, name: str, files: Sequence[str], report: str, tick: Tick) -> None:
    """Reject files of the drop folder. Files that cannot be moved stay, and `tick` gets a problem."""
    with tick.errors_as_problems():
        tick.aside.append(put_aside(settings, name, {file: file for file in files}, settings.drop, report))


def _recorded(settings: Settings, mapping: SourceMapping) -> set[str]:
    """The files of recorded batches that are not moved yet."""
    waiting = [batch for batch in dropped_batches(settings) if batch.source == mapping.source and not batch.moved]
    return {f"{mapping.source}/{file.sent}" for batch in waiting for file in batch.files}


def _place(
    settings: Settings,
    mapping: SourceMapping,
    files: Sequence[DroppedFile],
    entries: Mapping[Path, FileMapping],
    tick: Tick,
) -> list[DroppedFile]:
    """The files with free names below the root. Files without a free name are rejected."""
    placed: list[DroppedFile] = []
    for file in files:
        pattern = entries[settings.drop / mapping.source / file.sent].path
        try:
            make_folder_below(mapping.root, file.sent)
            taken = {other.file for other in placed}
            placed.append(replace(file, file=free_name(mapping.root, file.sent, pattern, taken)))
        except NoFreeName as error:
            name = batch_name(mapping.source, [file])
            report = no_free_name_report(file, mapping.source, error)
            _put_aside(settings, name, [f"{mapping.source}/{file.sent}"], report, tick)
        except OSError as error:
            tick.problems.append(f"{mapping.source}/{file.sent} cannot be moved: {error.strerror}")
    return placed


def _move(settings: Settings, root: Path, batch: DroppedBatch, tick: Tick) -> DroppedBatch:
    """Move the files of a recorded batch that are still unchanged in the drop folder.

    A file that cannot be moved, or whose name was taken in the meantime, leaves the batch and waits for the next
    evaluation. If no file of the batch can be moved, the whole batch waits.
    """
    left: list[DroppedFile] = []
    for file in batch.files:
        source, target = settings.drop / batch.source / file.sent, root / file.file
        try:
            if source.is_file() and hash_of(source) == file.sha256:
                move_without_replacing(source, target)
        except FileExistsError:
            if hash_of(target) != file.sha256:
                left.append(file)
        except OSError as error:
            tick.problems.append(f"{batch.source}/{file.sent} cannot be moved: {error.strerror}")
            left.append(file)
    if len(left) == len(batch.files) and batch.files:
        return batch
    batch = replace(batch, files=tuple(file for file in batch.files if file not in left), moved=True)
    with tick.errors_as_problems():
        write_record(settings, batch)
    return batch


def _latest(settings: Settings, mapping: SourceMapping) -> dict[str, str]:
    """SHA-256 to name below the root, of the latest file that was sent under each name and still exists."""
    latest = {
        file.sent: file for batch in dropped_batches(settings) if batch.source == mapping.source for file in batch.files
    }
    return {file.sha256: file.file for file in latest.values() if (mapping.root / file.file).is_file()}


def _patterns(mapping: SourceMapping) -> list[str]:
    return [entry.path for entry in mapping.files]
