"""Moves dropped files to `drop/rejected` with a report: unreadable files, and batches over their quarantine bar."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipelines.errors import plain_error
from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch
from pipelines.ingest.drop.batches import DroppedBatch, DroppedFile, dropped_batches, file_of, numbered
from pipelines.ingest.drop.move import free_name, move_aside
from pipelines.ingest.drop.report import LINES_SHOWN, Rejection, rejection_report
from pipelines.ingest.drop.scan import REJECTED
from pipelines.ingest.dry_run import bad_lines
from pipelines.ingest.stage import SourceReport
from pipelines.ingest.typing.emptied import is_over_bar

REPORT = "report.txt"


def reject_dropped(
    settings: Settings, reports: Sequence[SourceReport], warn: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Reject the dropped files that staging found faulty and return the folders `drop/rejected/<batch>`.

    Files that were not dropped stay in place. A workbook with one unreadable sheet is rejected as a whole. If a batch
    cannot be moved, `warn` gets a message and the other batches continue.
    """
    arrived = dropped_batches(settings)
    folders = []
    for report in reports:
        if report.root is None:
            continue
        of_source = [batch for batch in arrived if batch.source == report.source]
        for rejection in _rejections(settings, report, report.root, of_source):
            names = {file.file: file.sent for file in rejection.files}
            try:
                text = rejection_report(rejection)
                folders.append(put_aside(settings, rejection.dropped.batch, names, report.root, text))
            except OSError as error:
                warn(f"{rejection.dropped.batch} cannot be moved back to the drop folder: {plain_error(error)}")
    return folders


def put_aside(settings: Settings, name: str, files: Mapping[str, str], base: Path, report: str) -> Path:
    """Move files below `base` to a new folder `drop/rejected/<name>` with a report, and return the folder.

    `files`: path below `base` to name in the new folder. The folder gets a number if the name is taken. Files that
    cannot be moved stay. If no file can be moved, raises OSError and leaves no folder.
    """
    parent = settings.drop / REJECTED
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / numbered(name, {path.name for path in parent.iterdir()})
    problems: list[OSError] = []
    try:
        write_atomically(folder / REPORT, report.encode())
        for file, new_name in files.items():
            target = folder / free_name(folder, new_name, "*")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                move_aside(base / file, target)
            except OSError as error:
                problems.append(error)
    except OSError as error:
        problems = [error] * (len(files) + 1)
    if problems and len(problems) >= len(files):
        shutil.rmtree(folder, ignore_errors=True)
        raise problems[0]
    return folder


def _rejections(
    settings: Settings, report: SourceReport, root: Path, arrived: Sequence[DroppedBatch]
) -> list[Rejection]:
    batch = report.batch
    over = batch if batch and is_over_bar(batch) else None
    names = {file.file for dropped in arrived for file in dropped.files}
    over_bar = {file_of(record.file, names) for record in over.files} if over else set()
    read = {record.file for record in report.files}
    refused = {file_of(refusal.file, names) for refusal in report.refused if refusal.file not in read}
    # If several batches brought the same name, the existing file belongs to the latest one.
    latest = {file.file: dropped for dropped in arrived for file in dropped.files}
    rejections = []
    for dropped in arrived:
        files = [
            file
            for file in dropped.files
            if latest[file.file] is dropped and file.file in over_bar | refused and (root / file.file).is_file()
        ]
        if files:
            rejections.append(_rejection(settings, report, dropped, files, over))
    return rejections


def _rejection(
    settings: Settings, report: SourceReport, dropped: DroppedBatch, files: Sequence[DroppedFile], over: Batch | None
) -> Rejection:
    names = {file.file for file in files}
    checked = [record.file for record in over.files if file_of(record.file, names)] if over else []
    return Rejection(
        dropped,
        tuple(files),
        tuple(refusal for refusal in report.refused if file_of(refusal.file, names)),
        over if checked else None,
        bad_lines(settings, over, LINES_SHOWN, checked) if over and checked else (),
    )
