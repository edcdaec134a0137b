"""Sends dropped files back: those that cannot be read, and those of a batch over its bar, each with a report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.durable import write_atomically
from pipelines.ingest.batches import Batch
from pipelines.ingest.drop_batches import DroppedBatch, DroppedFile, dropped_batches, numbered
from pipelines.ingest.drop_move import free_name, move_without_replacing
from pipelines.ingest.drop_report import LINES_SHOWN, Rejection, rejected
from pipelines.ingest.drop_scan import REJECTED
from pipelines.ingest.dry_run import bad_lines
from pipelines.ingest.stage import SourceReport
from pipelines.settings import Settings

REPORT = "report.txt"


def reject_dropped(settings: Settings, reports: Sequence[SourceReport]) -> list[Path]:
    """Move aside what a staging found wrong of the dropped files; returns the folders `drop/rejected/<batch>`.

    Files that were not dropped stay where they are. A workbook goes back whole for one sheet that cannot be read.
    """
    arrived = dropped_batches(settings)
    return [
        _put_back(settings, report, rejection)
        for report in reports
        if report.root is not None
        for rejection in _rejections(settings, report, [one for one in arrived if one.source == report.source])
    ]


def put_aside(settings: Settings, name: str, files: Sequence[str], base: Path, report: str) -> Path:
    """Move files below `base` to a folder of their own, with a report; `name` is numbered where it is taken."""
    folder = _new_folder(settings, name, report)
    for file in files:
        move_without_replacing(base / file, folder / free_name(folder, file, "*"))
    return folder


def _new_folder(settings: Settings, name: str, report: str) -> Path:
    parent = settings.drop / REJECTED
    parent.mkdir(parents=True, exist_ok=True)
    folder = parent / numbered(name, {path.name for path in parent.iterdir()})
    write_atomically(folder / REPORT, report.encode())
    return folder


def _rejections(settings: Settings, report: SourceReport, arrived: Sequence[DroppedBatch]) -> list[Rejection]:
    batch = report.batch
    over = batch if batch and batch.quarantined_share > batch.quarantine_bar else None
    judged = {record.file.partition("#")[0] for record in over.files} if over else set()
    read = {one.file for one in report.files}
    refused = {refusal.file.partition("#")[0] for refusal in report.refused if refusal.file not in read}
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
    mine = [one.file for one in over.files if one.file.partition("#")[0] in names] if over else []
    return Rejection(
        dropped,
        tuple(files),
        tuple(refusal for refusal in report.refused if refusal.file.partition("#")[0] in names),
        over if mine else None,
        bad_lines(settings, over, LINES_SHOWN, mine) if over and mine else (),
    )


def _put_back(settings: Settings, report: SourceReport, rejection: Rejection) -> Path:
    folder = _new_folder(settings, rejection.dropped.batch, rejected(rejection))
    for file in rejection.files:
        move_without_replacing(report.root / file.file, folder / free_name(folder, file.sent, "*"))
    return folder
