"""The drop folder: complete files go to their source's root as one batch, those that no mapping reads go aside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
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
from pipelines.ingest.drop.move import NoFreeName, assert_below, free_name, hash_of, move_without_replacing
from pipelines.ingest.drop.reject import put_aside
from pipelines.ingest.drop.report import already_here, odd_names, taken_name, unread_report, unreadable
from pipelines.ingest.drop.scan import State, scan, state_of
from pipelines.ingest.errors import MappingError
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.messages import is_text, printable


@dataclass
class Tick:
    """What one look at the drop folder came to. `states` is what the next look needs to know.

    `waiting`: files that are still being written, or whose mapping is at fault. `aside`: folders of rejected files.
    `problems`: what the system did not let be done, a sentence each; the next look tries it again.
    """

    states: Mapping[str, State] = field(default_factory=dict)
    batches: list[DroppedBatch] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """What the system refuses here becomes a problem, and what comes behind goes on."""
        try:
            yield
        except OSError as error:
            self.problems.append(f"drop folder: {printable(plain_error(error))}")


def take_dropped(settings: Settings, before: Mapping[str, State]) -> Tick:
    """Take what is complete. Makes the folder of each source; may be killed and called again.

    A file or a source that fails stops no other one.
    """
    tick = Tick()
    mappings, faulty = _mappings(settings)
    for source in mappings:
        with tick.going_on():
            (settings.drop / source).mkdir(parents=True, exist_ok=True)
    for batch in dropped_batches(settings):
        if not batch.moved and batch.source in mappings:
            _move(settings, mappings[batch.source].root, batch, tick)
    found = scan(settings, before)
    tick.states = found.states
    tick.problems += found.problems
    tick.waiting += [f"{printable(name)} is still being written" for name in found.waiting]
    for folder, names in found.complete.items():
        if folder in faulty:
            tick.waiting.append(f"drop/{folder} waits for its mapping: {faulty[folder]}")
            continue
        with tick.going_on():
            if folder in mappings:
                _take(settings, mappings[folder], names, tick)
            else:
                report = unread_report(names, {source: _patterns(mapping) for source, mapping in mappings.items()})
                _put_aside(settings, "unknown-source", names, report, tick)
    tick.states = {name: state for name, state in found.states.items() if os.path.lexists(settings.drop / name)}
    return tick


def _mappings(settings: Settings) -> tuple[dict[str, SourceMapping], dict[str, str]]:
    """The mappings by source, and what is wrong with the others by the name of their file."""
    good: dict[str, SourceMapping] = {}
    faulty: dict[str, str] = {}
    for path in sorted([*settings.sources_dir.glob("*.yml"), *settings.sources_dir.glob("*.yaml")]):
        try:
            mapping = load_mapping(path)
        except MappingError as error:
            faulty[path.stem] = str(error)
            continue
        if mapping.root.is_relative_to(settings.drop.resolve()):
            faulty[mapping.source] = (
                f"{path.name}, root: expected a folder outside the drop folder, found {mapping.root}: "
                "the drop folder holds files that are not complete"
            )
            continue
        good.setdefault(mapping.source, mapping)
    return good, faulty


def _take(settings: Settings, mapping: SourceMapping, names: Sequence[str], tick: Tick) -> None:
    folder = settings.drop / mapping.source
    entries = {path: entry for entry in reversed(mapping.files) for path in folder.glob(entry.path)}
    odd = [name for name in names if not is_text(name)]
    if odd:
        _put_aside(settings, f"{mapping.source}-odd-name", odd, odd_names(odd, mapping.source), tick)
    unread = [name for name in names if settings.drop / name not in entries and name not in odd]
    if unread:
        report = unread_report(unread, {mapping.source: _patterns(mapping)})
        _put_aside(settings, f"{mapping.source}-unknown-name", unread, report, tick)
    recorded = _recorded(settings, mapping)
    names = [name for name in names if name not in {*odd, *unread, *recorded}]
    here = _latest(settings, mapping)
    files: list[DroppedFile] = []
    twice: list[DroppedFile] = []
    for path in (settings.drop / name for name in names):
        sent = path.relative_to(folder).as_posix()
        try:
            sha256 = hash_of(path)
            is_growing = state_of(path) != tick.states[path.relative_to(settings.drop).as_posix()]
        except FileNotFoundError:
            continue
        except OSError as error:
            tick.problems.append(f"{mapping.source}/{sent} cannot be read: {error.strerror}")
            report = unreadable(sent, mapping.source, str(error.strerror))
            _put_aside(settings, f"{mapping.source}-unreadable", [f"{mapping.source}/{sent}"], report, tick)
            continue
        if is_growing:
            tick.waiting.append(f"{mapping.source}/{sent} is still being written")
            return
        known = sha256 in here or any(sha256 == file.sha256 for file in files)
        (twice if known else files).append(DroppedFile(sent, sent, sha256))
    if twice:
        aside = [f"{mapping.source}/{file.sent}" for file in twice]
        _put_aside(settings, batch_name(mapping.source, twice), aside, already_here(twice, here), tick)
    placed = _place(settings, mapping, files, entries, tick)
    if placed:
        batch = new_batch(settings, mapping.source, placed)
        write_record(settings, batch)
        tick.batches.append(_move(settings, mapping.root, batch, tick))


def _put_aside(settings: Settings, name: str, files: Sequence[str], report: str, tick: Tick) -> None:
    """Send files of the drop folder back; where they cannot be moved they stay, and the problem is told."""
    with tick.going_on():
        tick.aside.append(put_aside(settings, name, {file: file for file in files}, settings.drop, report))


def _recorded(settings: Settings, mapping: SourceMapping) -> set[str]:
    """The dropped files that a batch has recorded and could not move yet."""
    waiting = [one for one in dropped_batches(settings) if one.source == mapping.source and not one.moved]
    return {f"{mapping.source}/{file.sent}" for batch in waiting for file in batch.files}


def _place(
    settings: Settings,
    mapping: SourceMapping,
    files: Sequence[DroppedFile],
    entries: Mapping[Path, FileMapping],
    tick: Tick,
) -> list[DroppedFile]:
    """The files with free names below the root; those that can have none go aside."""
    placed: list[DroppedFile] = []
    for file in files:
        pattern = entries[settings.drop / mapping.source / file.sent].path
        try:
            assert_below(mapping.root, file.sent)
            placed.append(replace(file, file=free_name(mapping.root, file.sent, pattern, {one.file for one in placed})))
        except NoFreeName as taken:
            name = batch_name(mapping.source, [file])
            report = taken_name(file, mapping.source, taken)
            _put_aside(settings, name, [f"{mapping.source}/{file.sent}"], report, tick)
        except OSError as error:
            tick.problems.append(f"{mapping.source}/{file.sent} cannot be moved: {error.strerror}")
    return placed


def _move(settings: Settings, root: Path, batch: DroppedBatch, tick: Tick) -> DroppedBatch:
    """Move the files of a recorded batch that are still in the drop folder as they were recorded.

    A file whose name was taken meanwhile, or that cannot be moved, is left for the next tick, and is no longer of this
    batch; a batch of which no file can be moved waits whole.
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
    with tick.going_on():
        write_record(settings, batch)
    return batch


def _latest(settings: Settings, mapping: SourceMapping) -> dict[str, str]:
    """The names below the root by the hash of the bytes that came last under each name, while they lie there."""
    latest = {
        file.sent: file for batch in dropped_batches(settings) if batch.source == mapping.source for file in batch.files
    }
    return {file.sha256: file.file for file in latest.values() if (mapping.root / file.file).is_file()}


def _patterns(mapping: SourceMapping) -> list[str]:
    return [entry.path for entry in mapping.files]
