"""The Parquet files of a staged batch, with what its manifest says of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, DataFile
from pipelines.integrity.sums import file_sum_once


def data_files(settings: Settings, batch: Batch, folder: Path) -> tuple[DataFile, ...]:
    """Size, SHA-256 and rows of each file in the folder, and of the quarantine of the batch.

    Named as they are once the batch is committed.
    """
    files = {path: f"landing/data/{batch.batch}/{path.name}" for path in sorted(folder.glob("*.parquet"))}
    if batch.faults:
        name = f"{batch.batch}.parquet"
        files[settings.quarantine / name] = f"quarantine/{name}"
    return tuple(
        DataFile(name, **asdict(file_sum_once(path)), rows=pq.read_metadata(path).num_rows)
        for path, name in files.items()
    )
