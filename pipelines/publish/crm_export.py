"""Grades on their way back: one CSV file per source, keyed by that system's own record ids, for its owner alone."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.home.sql import literal, parquet_files
from pipelines.publish.folders import partial_folder, put_in_place

RECORDS = """
    SELECT {columns}
    FROM (
        SELECT records.* REPLACE (coalesce(written.lead_id, records.lead_id) AS lead_id)
        FROM warehouse.service.crm_records AS records
        LEFT JOIN (
            SELECT key, min(text) AS lead_id FROM {keys} WHERE kind = 'record' GROUP BY key
        ) AS written ON records.lead_id = written.key
        WHERE records.source = {source}
    )
    ORDER BY lead_id
"""
"""No `customer_id`: a file that holds record ids beside pseudonyms would undo the pseudonyms. No agent: the system
that the records belong to knows whose they are. A record id that has a key in the warehouse goes back as written.
"""
TEXTS = ("lead_id", "grade", "warning_level", "warning_level_zh", "next_action", "next_action_zh")
OTHERS = ("due_on", "is_opted_out", "opted_out_on", "as_of")
FORMULA = r"^[=+@\t\r\n'＝＋－＠-]"
"""What a spreadsheet runs when a cell begins with it, and the apostrophe that is put before it."""

OPTIONS = "FORMAT csv, HEADER, FORCE_QUOTE (lead_id)"
"""Without quotes a spreadsheet that parts columns at semicolons would find a formula within an id."""


def build_export(warehouse: Path, keys: Path, versions: Path, version_id: str) -> dict[str, int]:
    """Write `versions/<version_id>/<source>.csv` (UTF-8, header, 0600; folders 0700). Returns records by source.

    `keys`: the restricted file of keys. A text that a spreadsheet would run gets an apostrophe before it, and so does
    one that begins with an apostrophe: without its first apostrophe it is what the source wrote.
    `versions`: `<home>/crm_export/versions`. The folder appears under its name only when it is whole and on disk, with
    a manifest of its files.
    """
    partial = partial_folder(versions, version_id)
    versions.parent.chmod(0o700)
    records: dict[str, int] = {}
    columns = ", ".join([*map(_inert, TEXTS), *OTHERS])
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        sources = connection.execute("SELECT DISTINCT source FROM warehouse.service.crm_records ORDER BY 1").fetchall()
        for (source,) in sources:
            file = partial / f"{source}.csv"
            file.touch(mode=0o600)
            records_of = RECORDS.format(source=literal(source), keys=parquet_files([keys]), columns=columns)
            found = connection.execute(f"COPY ({records_of}) TO {literal(str(file))} ({OPTIONS})")
            records[source] = found.fetchone()[0]  # type: ignore[index]
            file.chmod(0o600)
    put_in_place(partial, versions, version_id, records)
    return records


def _inert(column: str) -> str:
    starts = f"regexp_matches({column}, {literal(FORMULA)})"
    return f"CASE WHEN {starts} THEN chr(39) || {column} ELSE {column} END AS {column}"
