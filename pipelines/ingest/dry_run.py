"""Reports what a run would load from a source. It stages in a temporary home and only reads landing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.home.key import key_file
from pipelines.home.settings import Settings
from pipelines.home.sql import parquet_files
from pipelines.ingest.batches import Batch
from pipelines.ingest.errors import IngestError, MappingError
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.stage import SourceReport, stage_source, taken_name
from pipelines.ingest.typing.emptied import is_over_bar
from pipelines.ingest.typing.two_readings import TwoReadings
from pipelines.integrity.log import LOG
from pipelines.rules.fx_rates import currencies_with_rate, rate_problems


@dataclass(frozen=True)
class BadLine:
    """A quarantined line with all its faults for one entity. Its text stays in the quarantine file."""

    file: str
    line: int
    entity: str
    message: str


@dataclass(frozen=True)
class DryRun:
    """The report of a discarded staging, and its first quarantined lines, by file, line and entity."""

    report: SourceReport
    lines: tuple[BadLine, ...]

    @property
    def over_bar(self) -> bool:
        return self.report.batch is not None and is_over_bar(self.report.batch)

    @property
    def passes(self) -> bool:
        """Whether a run would take every file, and commit the batch."""
        return not self.report.problems and not self.over_bar


def find_source(settings: Settings, source: str) -> Path:
    """Find the mapping file by its path, or by its name below `settings.sources_dir`. Raises IngestError."""
    if source.endswith((".yml", ".yaml")):
        return Path(source).expanduser()
    named = [settings.sources_dir / f"{source}{suffix}" for suffix in (".yml", ".yaml")]
    path = next((path for path in named if path.is_file()), None)
    if path is None:
        names = ", ".join(sorted(path.stem for path in settings.sources_dir.glob("*.y*ml"))) or "none"
        raise IngestError(f"expected a mapping file {named[0]}, found none of that name; there are: {names}")
    return path


def dry_run(settings: Settings, source: str, shown: int) -> DryRun:
    """Stage the source as a run would, and discard the result. `shown`: number of quarantined lines to return.

    Raises IngestError for an unknown source, MappingError for a mapping that cannot be used.
    """
    path = find_source(settings, source)
    mapping = load_mapping(path)
    if _is_taken(settings, path, mapping.source):
        return DryRun(SourceReport(path.stem, error=taken_name(mapping)), ())
    with tempfile.TemporaryDirectory(prefix="tierhouse-check-") as folder:
        scratch = settings.model_copy(update={"home": Path(folder)})
        for path_read in (settings.landing, settings.mended, settings.home / LOG, key_file(settings)):
            (scratch.home / path_read.name).symlink_to(path_read)
        readings = TwoReadings()
        report = stage_source(scratch, mapping, settings.now(), lambda _: None, readings)
        batch = report.batch
        report.notes += [*readings.notes(), *(_without_rate(scratch, settings, batch) if batch else ())]
        return DryRun(
            report, bad_lines(scratch, batch, shown, [record.file for record in batch.files]) if batch else ()
        )


def _without_rate(scratch: Settings, settings: Settings, batch: Batch) -> list[str]:
    """Return a note for each currency of staged deals that has no exchange rate."""
    file = scratch.staged / batch.batch / "transactions.parquet"
    if not file.exists() or rate_problems(settings):
        return []
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT currency, count(*) FROM {parquet_files([file])} WHERE currency IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
    known = currencies_with_rate(settings)
    return [
        f"{currency}: no rate (deals, rows: {number:,}): these amounts are in no sum until {settings.fx_rates} has one"
        for currency, number in rows
        if currency not in known
    ]


def _is_taken(settings: Settings, path: Path, source: str) -> bool:
    """Whether an earlier mapping file of the home has the same source name. A draft outside the home is not checked."""
    paths = settings.mapping_files
    position = next((number for number, other in enumerate(paths) if other.resolve() == path.resolve()), 0)
    return any(_name_in(other) == source for other in paths[:position])


def _name_in(path: Path) -> str | None:
    try:
        return load_mapping(path).source
    except MappingError:
        return None


def bad_lines(settings: Settings, batch: Batch, shown: int, files: Sequence[str]) -> tuple[BadLine, ...]:
    """Return the first quarantined lines of these files (or sheets) of a batch, by file, line and entity."""
    if not batch.faults:
        return ()
    quarantined = settings.quarantine / f"{batch.batch}.parquet"
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT file, line, entity, message FROM {parquet_files([quarantined])} "
            "WHERE file IN (SELECT unnest(?::VARCHAR[])) ORDER BY file, line, entity LIMIT ?",
            [list(files), shown],
        ).fetchall()
    return tuple(BadLine(*row) for row in rows)
