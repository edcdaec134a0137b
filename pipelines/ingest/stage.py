"""Stages what is new in every source: a batch per source, and quarantine for rows that break the contract."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.errors import plain_error
from pipelines.home.durable import remove
from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, FileReport
from pipelines.ingest.engine import ENGINE_ERRORS
from pipelines.ingest.errors import FileRefused, IngestError, MappingError
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.private_ids import guessable_ids
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.ingest.past_batches import PastBatches, past_batches
from pipelines.ingest.reading.files import SourceFile, find_files, format_of, identify
from pipelines.ingest.reading.mended import mended_files
from pipelines.ingest.reading.workbook import find_sheets
from pipelines.ingest.stage_batch import BatchStage
from pipelines.ingest.typing.lookups import with_files_of_lookups
from pipelines.ingest.typing.two_readings import TwoReadings

Progress = Callable[[str], None]


@dataclass
class SourceReport:
    """Result of staging one source. All messages are for users.

    `batch`: None if no file was read. `files`: counts by file and entity. `refused`: the files that could not be read.
    `error`: the reason why the whole source could not be read. `clock`: a clock was wrong. `notes`: remarks that are no
    faults. `root`: folder of its files; None if the mapping has faults.
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
        """The errors and refusals as text."""
        return [*filter(None, (self.error, self.clock)), *map(str, self.refused)]


def mapping_files(settings: Settings) -> list[Path]:
    """Return the mapping files of the home, by name. Raises IngestError if there is none."""
    paths = settings.mapping_files
    if not paths:
        raise IngestError(
            f"no source: expected mapping files such as {settings.sources_dir / 'crm.yml'}; "
            "docs/sources.md shows how to write one, `tierhouse demo` makes an example"
        )
    return paths


def stage_sources(settings: Settings, ingested_at: datetime, progress: Progress = lambda _: None) -> list[SourceReport]:
    """Stage the source of every mapping file, by name. A failed source is reported, and the others are still staged.

    Replaces everything that was staged before. Raises IngestError if there is no mapping file, and if the memory is
    too small: a day without the rows of a source that is not at fault is not graded.
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
    """Return the error of a source whose name an earlier mapping file has."""
    return f"{mapping.mapping_file.name}, source: another mapping file has the source name {mapping.source!r} already"


def stage_source(
    settings: Settings,
    mapping: SourceMapping,
    ingested_at: datetime,
    progress: Progress,
    readings: TwoReadings | None = None,
) -> SourceReport:
    """Stage one source. Files are read in the order of the mapping, then of their names.

    `readings`: counts the values that can be read in two ways.
    """
    report = SourceReport(mapping.source, root=mapping.root, notes=guessable_ids(mapping))
    bar = settings.quarantine_bar if mapping.quarantine_bar is None else mapping.quarantine_bar
    past = past_batches(settings, mapping.source)
    moment = past.not_before(_utc(ingested_at))
    ahead = past.ahead_of(_utc(ingested_at))
    if ahead:
        report.clock = (
            f"{mapping.source}: a clock was ahead: {', '.join(ahead)} came in as of {moment} UTC, and rows read now "
            "count only from then on; correct the clock, run `tierhouse reject` for these batches, and deliver their "
            "files under other names"
        )
    elif moment > _utc(ingested_at):
        report.notes.append(f"the clock is behind the last commit; rows count as read at {moment} UTC")
        progress(f"{mapping.source}: {report.notes[-1]}")
    to_read = _unread(past, _find(mapping, settings.mended / mapping.source, report), report)
    if not to_read:
        return report
    scratch = settings.staged / f".{mapping.source}"
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        with BatchStage(settings, mapping, moment, scratch, progress, readings) as stage:
            for file in to_read:
                progress(f"{mapping.source}: {file.name}")
                try:
                    stage.add(file)
                except FileRefused as refusal:
                    report.refused.append(refusal)
            report.notes += stage.notes()
            batch, reports = stage.finish(past, bar)
            if left_out := sum(stage.erased.values()):
                report.notes.append(f"{mapping.source}: rows of erased persons that were left out: {left_out:,}")
    except ENGINE_ERRORS as error:
        report.error = f"{mapping.source}: no new row is loaded: {plain_error(error)}"
        return report
    except duckdb.OutOfMemoryException as error:
        raise IngestError(f"{mapping.source}: {plain_error(error)}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    report.batch = batch
    report.files += reports
    return report


def _find(mapping: SourceMapping, mended: Path, report: SourceReport) -> list[SourceFile]:
    """Find the files of a source, those with corrected rows last, and add refusals to the report."""
    files: dict[tuple[Path, str | None], SourceFile] = {}
    for entry in mapping.files:
        try:
            paths, unusable = find_files(mapping, entry)
        except FileRefused as refusal:
            report.refused.append(refusal)
            continue
        report.refused += unusable
        for path in paths:
            try:
                for found in identify(mapping, entry, path, _sheets(mapping, entry, path)):
                    file = with_files_of_lookups(found, mapping)
                    if earlier := files.get((path, file.sheet)):
                        message = f"expected one entry for the file, found {earlier.mapping.path!r} and {entry.path!r}"
                        report.refused.append(FileRefused(earlier.name, message))
                        continue
                    files[path, file.sheet] = file
            except FileRefused as refusal:
                report.refused.append(refusal)
    corrected, unusable = mended_files(mapping, mended)
    report.refused += unusable
    return [*files.values(), *corrected]


def _sheets(mapping: SourceMapping, entry: FileMapping, path: Path) -> Sequence[str | None]:
    """Return the sheets of a workbook, or one None for any other file."""
    name = path.relative_to(mapping.root).as_posix()
    return find_sheets(name, path, entry.sheet) if format_of(name, entry) == "xlsx" else (None,)


def _unread(past: PastBatches, files: Sequence[SourceFile], report: SourceReport) -> list[SourceFile]:
    """Return the files to read. Adds to the report why the others are not read."""
    rejected, reread = past.rejected_files(files), past.reread_files(files)
    to_read = []
    for file in files:
        known = past.known_reports(file)
        if known is not None:
            report.files += known
        elif file.name in rejected:
            tombstone = rejected[file.name]
            message = f"rejected with batch {tombstone.batch.batch}: {tombstone.reason}; change the file or its mapping"
            report.refused.append(FileRefused(file.name, message))
        else:
            to_read.append(file)
            if file.name in reread:
                tombstone = reread[file.name]
                report.notes.append(
                    f"{file.name} was rejected with batch {tombstone.batch.batch}: {tombstone.reason}; it is read "
                    "again because another file of that batch is missing or has changed"
                )
    return to_read


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"ingested_at: expected a time with its zone, found {moment}")
    return moment.astimezone(UTC).replace(tzinfo=None)
