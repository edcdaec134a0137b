"""Takes corrected rows back: checks them as a run would, and puts them where the next run reads them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import duckdb

from pipelines.home.durable import move_into_place
from pipelines.home.key import key_file
from pipelines.home.settings import Settings
from pipelines.home.sql import parquet_files
from pipelines.ingest.dry_run import bad_lines, find_source
from pipelines.ingest.errors import FileRefused, IngestError
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import SourceMapping
from pipelines.ingest.mending.rows import PROBLEM, find_batch, unescaped
from pipelines.ingest.past_batches import past_batches
from pipelines.ingest.reading.mended import ORIGIN, mended_file
from pipelines.ingest.stage_batch import BatchStage
from pipelines.integrity.log import LOG

SHOWN = 20
"""Rows that are named, if rows are still wrong."""


class StillWrong(IngestError):
    """Corrected rows break the contract again, or do not fit the quarantine."""


def resubmit(settings: Settings, corrected: Path) -> tuple[Path, int]:
    """Check a file of corrected rows and put it below `<home>/mended/<source>`. Returns its new path and its rows.

    All rows or none: the next run reads the file like the other files of the source. Raises StillWrong, which names
    file, line and fault of each wrong row, IngestError for an unknown batch, and FileRefused for another kind of file.
    """
    header, rows = _read(corrected)
    batches = {row[0] for row in rows}
    if len(batches) != 1 or len({row[1] for row in rows}) != 1:
        raise StillWrong(f"{corrected.name}: expected rows of one file of one batch, found several: split the file")
    [batch] = batches
    source, quarantine = find_batch(settings, batch)
    _assert_quarantined(quarantine, corrected, rows)
    mapping = load_mapping(find_source(settings, source))
    folder = settings.mended / source
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = 1 + sum(path.stem.startswith(f"{batch}-") for path in folder.glob("*.csv"))
    target = folder / f"{batch}-{number}.csv"
    with tempfile.TemporaryDirectory(prefix="tierhouse-mend-") as scratch:
        checked = Path(scratch) / target.name
        _write(checked, header, rows)
        _assert_right(settings, mapping, checked, corrected.name, Path(scratch))
        partial = target.with_name(f".{target.name}.partial")
        partial.touch(mode=0o600)
        partial.write_bytes(checked.read_bytes())
    move_into_place(partial, target)
    return target, len(rows)


def _read(corrected: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows without the column `problem`."""
    try:
        with corrected.open(encoding="utf-8-sig", newline="") as stream:
            header, *rows = csv.reader(stream)
    except (UnicodeDecodeError, ValueError) as error:
        raise FileRefused(corrected.name, "expected a CSV file in UTF-8 with a header and rows, found none") from error
    if tuple(header[: len(ORIGIN)]) != ORIGIN:
        message = (
            f"expected the columns {', '.join(ORIGIN)} first: write the file with `tierhouse quarantine show --csv`"
        )
        raise FileRefused(corrected.name, message, line=1)
    kept = [at for at, name in enumerate(header) if name != PROBLEM]
    for line, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise FileRefused(corrected.name, f"expected {len(header)} fields, found {len(row)}", line=line)
    if not rows:
        raise FileRefused(corrected.name, "expected rows below the header, found none", line=1)
    first = len(ORIGIN)
    return [header[at] for at in kept], [[row[at] if at < first else unescaped(row[at]) for at in kept] for row in rows]


def _assert_quarantined(quarantine: Path, corrected: Path, rows: Sequence[Sequence[str]]) -> None:
    """Raise StillWrong if a row corrects a line that is not in quarantine."""
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT DISTINCT CAST(line AS VARCHAR) FROM {parquet_files([quarantine])} WHERE file = ?", [rows[0][1]]
        ).fetchall()
    known = {line for (line,) in found}
    for at, row in enumerate(rows, 2):
        if row[2] not in known:
            raise StillWrong(
                f"expected a quarantined line of {row[1]}, found {row[2]!r}",
                file=corrected.name,
                line=at,
                field="quarantined_line",
            )


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _assert_right(settings: Settings, mapping: SourceMapping, checked: Path, name: str, folder: Path) -> None:
    """Stage the rows in a temporary home and raise StillWrong if one of them would be quarantined again."""
    scratch = settings.model_copy(update={"home": folder / "home"})
    scratch.home.mkdir()
    for path in (settings.landing, settings.home / LOG, key_file(settings)):
        (scratch.home / path.name).symlink_to(path)
    work = scratch.staged / ".mended"
    work.mkdir(parents=True)
    moment = settings.now().astimezone(UTC).replace(tzinfo=None)
    past = past_batches(settings, mapping.source)
    file = mended_file(mapping, checked)
    with BatchStage(scratch, mapping, past.not_before(moment), work, lambda _: None) as stage:
        stage.add(file)
        batch, _ = stage.finish(past, 1.0)
    if batch and (wrong := bad_lines(scratch, batch, SHOWN, [file.name])):
        lines = "\n".join(f"  {name}, line {line.line:,}, {line.entity}: {line.message}" for line in wrong)
        raise StillWrong(f"{batch.quarantined:,} rows are still wrong, nothing is taken:\n{lines}")
