"""The drop folder: complete files go to their source's root as one batch, those that no mapping reads go aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.ingest.drop_batches import (
    DroppedBatch,
    DroppedFile,
    batch_name,
    dropped_batches,
    new_batch,
    write_record,
)
from pipelines.ingest.drop_move import NoFreeName, free_name, hash_of, move_without_replacing
from pipelines.ingest.drop_reject import put_aside
from pipelines.ingest.drop_report import already_here, taken_name, unread_report
from pipelines.ingest.drop_scan import State, scan, state_of
from pipelines.ingest.errors import IngestError, MappingError
from pipelines.ingest.mapping import FileMapping, SourceMapping
from pipelines.ingest.mapping_file import load_mapping
from pipelines.settings import Settings


@dataclass
class Tick:
    """What one look at the drop folder came to. `states` is what the next look needs to know.

    `waiting`: files that are still being written, or whose mapping is at fault. `aside`: folders of rejected files.
    """

    states: Mapping[str, State]
    batches: list[DroppedBatch] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)


def take_dropped(settings: Settings, before: Mapping[str, State]) -> Tick:
    """Take what is complete. Makes the folder of each source; may be killed and called again."""
    mappings, faulty = _mappings(settings)
    for source in mappings:
        (settings.drop / source).mkdir(parents=True, exist_ok=True)
    for batch in dropped_batches(settings):
        if not batch.moved and batch.source in mappings:
            _move(settings, mappings[batch.source].root, batch)
    found = scan(settings, before)
    tick = Tick(found.states, waiting=[f"{name} is still being written" for name in found.waiting])
    for folder, names in found.complete.items():
        if folder in faulty:
            tick.waiting.append(f"drop/{folder} waits for its mapping: {faulty[folder]}")
        elif folder in mappings:
            _take(settings, mappings[folder], names, tick)
        else:
            report = unread_report(names, {source: _patterns(mapping) for source, mapping in mappings.items()})
            tick.aside.append(put_aside(settings, "unknown-source", names, settings.drop, report))
    tick.states = {name: state for name, state in found.states.items() if (settings.drop / name).exists()}
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
            raise IngestError(
                f"{path.name}, root: expected a folder outside the drop folder, found {mapping.root}: "
                "the drop folder holds files that are not complete"
            )
        good[mapping.source] = mapping
    return good, faulty


def _take(settings: Settings, mapping: SourceMapping, names: Sequence[str], tick: Tick) -> None:
    folder = settings.drop / mapping.source
    entries = {path: entry for entry in reversed(mapping.files) for path in folder.glob(entry.path)}
    unread = [name for name in names if settings.drop / name not in entries]
    if unread:
        report = unread_report(unread, {mapping.source: _patterns(mapping)})
        tick.aside.append(put_aside(settings, f"{mapping.source}-unknown-name", unread, settings.drop, report))
    here = _latest(settings, mapping)
    files: list[DroppedFile] = []
    twice: list[DroppedFile] = []
    for path in (settings.drop / name for name in names if name not in unread):
        sent = path.relative_to(folder).as_posix()
        sha256 = hash_of(path)
        if state_of(path) != tick.states[path.relative_to(settings.drop).as_posix()]:
            tick.waiting.append(f"{mapping.source}/{sent} is still being written")
            return
        known = sha256 in here or any(sha256 == file.sha256 for file in files)
        (twice if known else files).append(DroppedFile(sent, sent, sha256))
    if twice:
        aside = [f"{mapping.source}/{file.sent}" for file in twice]
        name = batch_name(mapping.source, twice)
        tick.aside.append(put_aside(settings, name, aside, settings.drop, already_here(twice, here)))
    placed = _place(settings, mapping, files, entries, tick)
    if placed:
        batch = new_batch(settings, mapping.source, placed)
        write_record(settings, batch)
        tick.batches.append(_move(settings, mapping.root, batch))


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
            placed.append(replace(file, file=free_name(mapping.root, file.sent, pattern, {one.file for one in placed})))
        except NoFreeName as taken:
            name = batch_name(mapping.source, [file])
            aside = [f"{mapping.source}/{file.sent}"]
            tick.aside.append(put_aside(settings, name, aside, settings.drop, taken_name(file, mapping.source, taken)))
    return placed


def _move(settings: Settings, root: Path, batch: DroppedBatch) -> DroppedBatch:
    """Move the files of a recorded batch that are still in the drop folder as they were recorded.

    A file whose name was taken meanwhile is left for the next tick, and is no longer of this batch.
    """
    for file in batch.files:
        source, target = settings.drop / batch.source / file.sent, root / file.file
        if not source.is_file() or hash_of(source) != file.sha256:
            continue
        try:
            move_without_replacing(source, target)
        except FileExistsError:
            if hash_of(target) != file.sha256:
                batch = replace(batch, files=tuple(one for one in batch.files if one != file))
    batch = replace(batch, moved=True)
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
