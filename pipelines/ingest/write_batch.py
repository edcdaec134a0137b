"""Writes a staged batch: the Parquet files of its rows, its quarantine, and `batch.json` with their sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipelines.home.durable import sync, write_atomically
from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, DataFile
from pipelines.ingest.landing.references import write_references
from pipelines.ingest.landing.refusals import write_refusals
from pipelines.ingest.landing.write_rows import write_rows
from pipelines.ingest.mapping.source_mapping import SourceMapping
from pipelines.ingest.quarantine import write_quarantine
from pipelines.ingest.reading.files import SourceFile
from pipelines.integrity.sums import file_sum_once


def write_batch(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    mapping: SourceMapping,
    batch: Batch,
    files: Mapping[int, SourceFile],
    holders: Mapping[int, str],
    scratch: Path,
    progress: Callable[[str], None],
) -> Batch:
    """Write the batch to `settings.staged`. Parquet and batch.json appear together, by one rename.

    `files`: the files of rows, by id. `holders`: batches by seq. Returns the batch with the sums of its files.
    """
    names = {file_id: file.name for file_id, file in files.items()}
    partial = scratch / batch.batch
    partial.mkdir()
    for name in batch.accepted:
        progress(f"{batch.batch}: writing {batch.accepted[name]:,} {name}")
        write_rows(connection, mapping, batch, name, names, partial / f"{name}.parquet")
    write_references(connection, mapping, batch, holders, names, partial)
    write_refusals(connection, mapping, batch, names, partial)
    if batch.faults:
        target = settings.quarantine / f"{batch.batch}.parquet"
        write_quarantine(connection, target, batch.batch, batch.source, files, scratch)
    batch = replace(batch, data=_data_files(settings, batch, partial))
    write_atomically(partial / "batch.json", batch.to_json().encode())
    partial.rename(settings.staged / batch.batch)
    sync(settings.staged)
    return batch


def _data_files(settings: Settings, batch: Batch, folder: Path) -> tuple[DataFile, ...]:
    """Size, SHA-256 and rows of each file in the folder and of the quarantine, under their names once committed."""
    paths = {path: f"landing/data/{batch.batch}/{path.name}" for path in sorted(folder.glob("*.parquet"))}
    if batch.faults:
        name = f"{batch.batch}.parquet"
        paths[settings.quarantine / name] = f"quarantine/{name}"
    return tuple(
        DataFile(name, **asdict(file_sum_once(path)), rows=pq.read_metadata(path).num_rows)
        for path, name in paths.items()
    )
