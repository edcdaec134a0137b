"""Counts the rows of a staged batch by file and entity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import duckdb

from pipelines.ingest.batches import FileReport


def count_rows(
    connection: duckdb.DuckDBPyConnection,
    entities: Sequence[str],
    names: Mapping[int, str],
    lines: Mapping[tuple[int, str], int],
) -> list[FileReport]:
    """Return a report per file and entity. `names`: files by id. `lines`: lines read, by id of the file and entity."""
    counts: dict[tuple[int, str], dict[str, int]] = {}
    for entity in entities:
        for file_id, good in connection.execute(
            f"SELECT __file, count(*) FROM mapped_{entity} WHERE faults IS NULL GROUP BY 1"
        ).fetchall():
            counts.setdefault((file_id, entity), {})["good"] = good
        for file_id, verdict, rows in connection.execute(
            f"SELECT __file, verdict, count(*) FROM verdict_{entity} GROUP BY 1, 2"
        ).fetchall():
            counts.setdefault((file_id, entity), {})[verdict] = rows
    for file_id, entity, rows in connection.execute(
        "SELECT __file, entity, count(*) FROM quarantined GROUP BY 1, 2"
    ).fetchall():
        counts.setdefault((file_id, entity), {})["quarantined"] = rows
    totals: dict[tuple[str, str], Counter[str]] = {}
    for (file_id, entity), read in lines.items():
        total = totals.setdefault((names[file_id], entity), Counter())
        total.update(counts.get((file_id, entity), {}), lines=read)
    return [_report(file, entity, total) for (file, entity), total in totals.items()]


def _report(file: str, entity: str, counts: Counter[str]) -> FileReport:
    accepted = counts["good"] - counts["known"] - counts["duplicate_key"]
    return FileReport(file, entity, counts["lines"], accepted, counts["quarantined"], counts["known"])
