"""Every source once through: what is new is staged as a batch, what breaks the contract goes to quarantine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipelines.errors import plain_error
from pipelines.home.durable import remove
from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, FileReport
from pipelines.ingest.engine import ENGINE_ERRORS
from pipelines.ingest.errors import FileRefused, IngestError, MappingError
from pipelines.ingest.mapping.load import load_mapping, mapping_paths
from pipelines.ingest.mapping.private_ids import guessable_ids
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.ingest.memory import Memory, remember
from pipelines.ingest.reading.files import SourceFile, find_files, format_of, identify
from pipelines.ingest.reading.workbook import find_sheets
from pipelines.ingest.stage_batch import BatchStage

Say = Callable[[str], None]


@dataclass
class SourceReport:
    """What became of one source. `batch` is None where nothing was accepted or quarantined.

    `files` holds a row per file and entity; `refused` the files that could not be read; `error` says why the whole
    source could not; `clock` that a clock was wrong, and `notes` what is no fault. Each message is one that a user can
    act on. `root`: where its files are; None with a bad mapping.
    """

    source: str
    batch: Batch | None = None
    files: list[FileReport] = field(default_factory=list)
    refused: list[FileRefused] = field(default_factory=list)
    error: str | None = None
    clock: str | None = None
    notes: list[str] = field(default_factory=list)
    root: Path | None = None

    @property
    def problems(self) -> list[str]:
        """The errors and the refusals, as text."""
        return [*filter(None, (self.error, self.clock)), *map(str, self.refused)]


def mapping_files(settings: Settings) -> list[Path]:
    """The mapping files of the home, by name. Raises IngestError where there is none."""
    paths = mapping_paths(settings)
    if not paths:
        raise IngestError(
            f"no source: expected mapping files such as {settings.sources_dir / 'crm.yml'}; "
            "docs/sources.md shows how to write one, `tierhouse demo` makes an example"
        )
    return paths


def stage_sources(settings: Settings, ingested_at: datetime, progress: Say = lambda _: None) -> list[SourceReport]:
    """Stage every mapping file of `settings.sources_dir`, by name; one that fails is reported and the others go on.

    Replaces whatever was staged before. Raises IngestError where there is no mapping file at all.
    """
    paths = mapping_files(settings)
    remove(settings.staged)
    reports: list[SourceReport] = []
    for path in paths:
        try:
            mapping = load_mapping(path)
        except MappingError as error:
            reports.append(SourceReport(path.stem, error=str(error)))
            continue
        if any(report.source == mapping.source for report in reports):
            reports.append(SourceReport(path.stem, error=taken_name(mapping)))
            continue
        reports.append(stage_source(settings, mapping, ingested_at, progress))
    return reports


def taken_name(mapping: SourceMapping) -> str:
    """The error of a source whose name a mapping file before its own has."""
    return f"{mapping.mapping_file.name}, source: another mapping file has the source name {mapping.source!r} already"


def stage_source(settings: Settings, mapping: SourceMapping, ingested_at: datetime, progress: Say) -> SourceReport:
    """Stage one source. Files are taken in the order of the mapping, then of their names."""
    report = SourceReport(mapping.source, root=mapping.root, notes=guessable_ids(mapping))
    bar = settings.quarantine_bar if mapping.quarantine_bar is None else mapping.quarantine_bar
    memory = remember(settings, mapping.source)
    moment = memory.not_before(_utc(ingested_at))
    ahead = memory.ahead_of(_utc(ingested_at))
    if ahead:
        report.clock = (
            f"{mapping.source}: a clock was ahead: {', '.join(ahead)} came in as of {moment} UTC, and what is read now "
            "counts from then on only; set the clock right, `tierhouse reject` these batches, and deliver their files "
            "under other names"
        )
    elif moment > _utc(ingested_at):
        report.notes.append(f"the clock is behind the last commit; rows count as read at {moment} UTC")
        progress(f"{mapping.source}: {report.notes[-1]}")
    found = _find(mapping, report)
    to_read = _unread(memory, found, report)
    if not to_read:
        return report
    scratch = settings.staged / f".{mapping.source}"
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        with BatchStage(settings, mapping, moment, scratch, progress) as stage:
            for file in to_read:
                progress(f"{mapping.source}: {file.name}")
                try:
                    stage.add(file)
                except FileRefused as refusal:
                    report.refused.append(refusal)
            batch, reports = stage.finish(memory, bar)
    except ENGINE_ERRORS as error:
        report.error = f"{mapping.source}: nothing of what is new is loaded: {plain_error(error)}"
        return report
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report.batch = batch
    report.files += reports
    return report


def _find(mapping: SourceMapping, report: SourceReport) -> list[SourceFile]:
    found: dict[tuple[Path, str | None], SourceFile] = {}
    for entry in mapping.files:
        try:
            paths, unusable = find_files(mapping, entry)
        except FileRefused as refusal:
            report.refused.append(refusal)
            continue
        report.refused += unusable
        for path in paths:
            try:
                for file in identify(mapping, entry, path, _sheets(mapping, entry, path)):
                    if before := found.get((path, file.sheet)):
                        message = f"{entry.path!r} matches it, and so does {before.mapping.path!r} before"
                        report.refused.append(FileRefused(before.name, message))
                        continue
                    found[path, file.sheet] = file
            except FileRefused as refusal:
                report.refused.append(refusal)
    return list(found.values())


def _sheets(mapping: SourceMapping, entry: FileMapping, path: Path) -> Sequence[str | None]:
    """The sheets of a workbook; any other file is one without a name."""
    name = path.relative_to(mapping.root).as_posix()
    return find_sheets(name, path, entry.sheet) if format_of(name, entry) == "xlsx" else (None,)


def _unread(memory: Memory, found: Sequence[SourceFile], report: SourceReport) -> list[SourceFile]:
    """The files that must be read; of the others, the report says why not."""
    aside, again = memory.set_aside(found), memory.taken_again(found)
    to_read = []
    for file in found:
        known = memory.known_reports(file)
        if known is not None:
            report.files += known
        elif file.name in aside:
            tombstone = aside[file.name]
            message = (
                f"set aside with batch {tombstone.batch.batch}: {tombstone.reason}; change the file or its mapping"
            )
            report.refused.append(FileRefused(file.name, message))
        else:
            to_read.append(file)
            if file.name in again:
                tombstone = again[file.name]
                report.notes.append(
                    f"{file.name} was set aside with batch {tombstone.batch.batch}: {tombstone.reason}; it is read "
                    "again because another file of that batch is gone or has changed"
                )
    return to_read


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"ingested_at: expected a time with its zone, found {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None)
