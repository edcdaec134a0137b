"""Sends dropped files back: those that cannot be read, and those of a batch over its bar, each with a report."""

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
from pipelines.ingest.drop.report import LINES_SHOWN, Rejection, rejected
from pipelines.ingest.drop.scan import REJECTED
from pipelines.ingest.dry_run import bad_lines
from pipelines.ingest.stage import SourceReport

REPORT = "report.txt"


def reject_dropped(
    settings: Settings, reports: Sequence[SourceReport], warn: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Move aside what a staging found wrong of the dropped files; returns the folders `drop/rejected/<batch>`.

    Files that were not dropped stay where they are. A workbook goes back whole for one sheet that cannot be read.
    `warn` is told of a batch that cannot be moved; the others go on.
    """
    arrived = dropped_batches(settings)
    folders = []
    for report in reports:
        mine = [one for one in arrived if one.source == report.source]
        for rejection in _rejections(settings, report, mine) if report.root is not None else ():
            names = {file.file: file.sent for file in rejection.files}
            try:
                text = rejected(rejection)
                folders.append(put_aside(settings, rejection.dropped.batch, names, report.root, text))
            except OSError as error:
                warn(f"{rejection.dropped.batch} cannot be sent back to the drop folder: {plain_error(error)}")
    return folders


def put_aside(settings: Settings, name: str, files: Mapping[str, str], base: Path, report: str) -> Path:
    """Move files below `base` to a folder of their own, with a report; `name` is numbered where it is taken.

    `files`: what each is to be called there. Files that cannot be moved stay. Raises OSError, and then leaves no
    folder, where none can.
    """
    parent = settings.drop / REJECTED
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / numbered(name, {path.name for path in parent.iterdir()})
    problems: list[OSError] = []
    try:
        write_atomically(folder / REPORT, report.encode())
        for file, called in files.items():
            target = folder / free_name(folder, called, "*")
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


def _rejections(settings: Settings, report: SourceReport, arrived: Sequence[DroppedBatch]) -> list[Rejection]:
    batch = report.batch
    over = batch if batch and batch.quarantined_share > batch.quarantine_bar else None
    names = {file.file for one in arrived for file in one.files}
    judged = {file_of(record.file, names) for record in over.files} if over else set()
    read = {one.file for one in report.files}
    refused = {file_of(refusal.file, names) for refusal in report.refused if refusal.file not in read}
    # The latest batch that brought a name is the one whose file lies there.
    holder = {file.file: one for one in arrived for file in one.files}
    found = []
    for dropped in arrived:
        files = [
            file
            for file in dropped.files
            if holder[file.file] is dropped and file.file in judged | refused and (report.root / file.file).is_file()
        ]
        if files:
            found.append(_rejection(settings, report, dropped, files, over))
    return found


def _rejection(
    settings: Settings, report: SourceReport, dropped: DroppedBatch, files: Sequence[DroppedFile], over: Batch | None
) -> Rejection:
    names = {file.file for file in files}
    mine = [one.file for one in over.files if file_of(one.file, names)] if over else []
    return Rejection(
        dropped,
        tuple(files),
        tuple(refusal for refusal in report.refused if file_of(refusal.file, names)),
        over if mine else None,
        bad_lines(settings, over, LINES_SHOWN, mine) if over and mine else (),
    )
