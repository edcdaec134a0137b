"""The tables that the raw gate checks: the counts of each file, and the staged rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from pipelines.home.settings import Settings
from pipelines.home.sql import parquet_files
from pipelines.ingest.batches import staged
from pipelines.ingest.contract import ENTITIES, LINEAGE
from pipelines.ingest.stage import SourceReport
from pipelines.ingest.typing.emptied import emptied_shares, unread_fields

GATED = ("leads", "interactions", "transactions")
REPORT = "files.parquet"
COLUMNS = (
    "source",
    "file",
    "entity",
    "lines",
    "accepted",
    "quarantined",
    "known",
    "unaccounted",
    "quarantined_share",
    "bar",
    "over_bar",
    "emptied_share",
    "emptied_over_bar",
    "unread_fields",
)


def file_counts(reports: Sequence[SourceReport]) -> pd.DataFrame:
    """Return the counts of the staged files. Grain: file × entity.

    `unaccounted` must be 0. `over_bar` is the quarantined share of the batch minus its bar. `emptied_share` is the
    largest share of values that do not fit, over the optional fields of the entity in the batch, `emptied_over_bar` the
    same minus that bar. `unread_fields`: number of fields that the mapping does not read (`unread_fields` of a batch).
    """
    rows = []
    for report in reports:
        share = report.batch.quarantined_share if report.batch else 0.0
        bar = report.batch.quarantine_bar if report.batch else 1.0
        in_batch = {(counts.file, counts.entity) for counts in report.batch.reports} if report.batch else set()
        emptied = report.batch.emptied if report.batch else ()
        shares: dict[str, float] = {}
        for (entity, _), (_, emptied_share) in emptied_shares(emptied).items():
            shares[entity] = max(emptied_share, shares.get(entity, 0.0))
        unread = Counter(entity for entity, _ in unread_fields(report.batch)) if report.batch else Counter()
        for counts in report.files:
            is_in_batch = (counts.file, counts.entity) in in_batch
            quarantined_share = share if is_in_batch else 0.0
            emptied_share = shares.get(counts.entity, 0.0) if is_in_batch else 0.0
            rows.append(
                {
                    "source": report.source,
                    "file": counts.file,
                    "entity": counts.entity,
                    "lines": counts.lines,
                    "accepted": counts.accepted,
                    "quarantined": counts.quarantined,
                    "known": counts.known,
                    "unaccounted": counts.lines - counts.accepted - counts.quarantined - counts.known,
                    "quarantined_share": quarantined_share,
                    "bar": bar,
                    "over_bar": quarantined_share - bar,
                    "emptied_share": emptied_share,
                    "emptied_over_bar": emptied_share - bar,
                    "unread_fields": unread[counts.entity] if is_in_batch else 0,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def write_file_counts(settings: Settings, files: pd.DataFrame) -> None:
    """Write the counts beside the staged batches, for the gate."""
    settings.staged.mkdir(parents=True, exist_ok=True)
    files.to_parquet(settings.staged / REPORT, index=False)


def staged_tables(settings: Settings) -> dict[str, str]:
    """Return queries of the counts, and of the staged rows of the entities that grades depend on.

    The rows are without direct identifiers.
    """
    path = settings.staged / REPORT
    tables = {"files": f"SELECT * FROM {parquet_files([path])}"} if path.exists() else {}
    batches = staged(settings)
    for entity in GATED:
        fields = (*LINEAGE, *ENTITIES[entity].open_fields)
        parts = [settings.staged / batch.batch / f"{entity}.parquet" for batch in batches if entity in batch.accepted]
        names = ", ".join(f'"{field.name}"' for field in fields)
        empty = ", ".join(f'CAST(NULL AS {field.sql_type}) AS "{field.name}"' for field in fields)
        tables[f"staged_{entity}"] = (
            f"SELECT {names} FROM {parquet_files(parts)}" if parts else f"SELECT {empty} WHERE false"
        )
    return tables
