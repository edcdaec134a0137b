"""What the raw gate judges: how the lines of each file add up, and the rows that wait to be committed."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pandas as pd

from pipelines.home.settings import Settings
from pipelines.home.sql import parquet_files
from pipelines.ingest.batches import staged
from pipelines.ingest.contract import ENTITIES, LINEAGE
from pipelines.ingest.stage import SourceReport

GATED = ("leads", "interactions", "transactions")
REPORT = "files.parquet"


def balance(reports: Sequence[SourceReport]) -> pd.DataFrame:
    """Grain: file × entity of today's staging. `unaccounted` must be 0; `over_bar`: the batch's share less its bar."""
    rows = []
    for report in reports:
        share = report.batch.quarantined_share if report.batch else 0.0
        bar = report.batch.quarantine_bar if report.batch else 1.0
        in_batch = {(one.file, one.entity) for one in report.batch.reports} if report.batch else set()
        for one in report.files:
            mine = share if (one.file, one.entity) in in_batch else 0.0
            rows.append(
                {
                    "source": report.source,
                    "file": one.file,
                    "entity": one.entity,
                    "lines": one.lines,
                    "accepted": one.accepted,
                    "quarantined": one.quarantined,
                    "known": one.known,
                    "unaccounted": one.lines - one.accepted - one.quarantined - one.known,
                    "quarantined_share": mine,
                    "bar": bar,
                    "over_bar": mine - bar,
                }
            )
    return pd.DataFrame(rows, columns=list(_EMPTY))


_EMPTY = (
    "source", "file", "entity", "lines", "accepted", "quarantined", "known", "unaccounted", "quarantined_share", "bar",
    "over_bar",
)  # fmt: skip


def write_balance(settings: Settings, files: pd.DataFrame) -> None:
    """Leave the balance beside the staged batches, for the gate."""
    settings.staged.mkdir(parents=True, exist_ok=True)
    files.to_parquet(settings.staged / REPORT, index=False)


def staged_frames(settings: Settings) -> dict[str, pd.DataFrame]:
    """The balance and the staged rows of the entities that are graded by, without direct identifiers."""
    path = settings.staged / REPORT
    frames = {"files": pd.read_parquet(path, partitioning=None)} if path.exists() else {}
    batches = staged(settings)
    with duckdb.connect() as connection:
        for entity in GATED:
            fields = (*LINEAGE, *ENTITIES[entity].open_fields)
            parts = [
                settings.staged / batch.batch / f"{entity}.parquet" for batch in batches if entity in batch.accepted
            ]
            names = ", ".join(f'"{field.name}"' for field in fields)
            empty = ", ".join(f'CAST(NULL AS {field.sql_type}) AS "{field.name}"' for field in fields)
            body = f"SELECT {names} FROM {parquet_files(parts)}" if parts else f"SELECT {empty} WHERE false"
            frames[f"staged_{entity}"] = connection.sql(body).df()
    return frames
