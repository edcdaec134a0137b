"""Grades on their way back: one CSV file per source, keyed by that system's own record ids, for its owner alone."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.ingest.expressions import literal
from pipelines.publish.folders import partial_folder, put_in_place

RECORDS = """
    SELECT
        lead_id, grade, warning_level, warning_level_zh, next_action, next_action_zh, due_on, is_opted_out,
        opted_out_on, as_of
    FROM warehouse.service.crm_records
    WHERE source = {source}
    ORDER BY lead_id
"""
"""No `customer_id`: a file that holds record ids beside pseudonyms would undo the pseudonyms."""


def build_export(warehouse: Path, versions: Path, version_id: str) -> dict[str, int]:
    """Write `versions/<version_id>/<source>.csv` (UTF-8, header, 0600; folders 0700). Returns records by source.

    `versions`: `<home>/crm_export/versions`. The folder appears under its name only when it is whole and on disk, with
    a manifest of its files.
    """
    partial = partial_folder(versions, version_id)
    versions.parent.chmod(0o700)
    records: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        sources = connection.execute("SELECT DISTINCT source FROM warehouse.service.crm_records ORDER BY 1").fetchall()
        for (source,) in sources:
            file = partial / f"{source}.csv"
            file.touch(mode=0o600)
            records_of = RECORDS.format(source=literal(source))
            found = connection.execute(f"COPY ({records_of}) TO {literal(str(file))} (FORMAT csv, HEADER)")
            records[source] = found.fetchone()[0]  # type: ignore[index]
            file.chmod(0o600)
    put_in_place(partial, versions, version_id, records)
    return records
