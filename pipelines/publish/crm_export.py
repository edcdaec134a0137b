"""The CRM export: grades and next actions as one CSV file per source, keyed by the record ids of the source."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.home.sql import first_value, literal, parquet_files
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
"""Without `customer_id`: record ids beside pseudonyms would identify the customers. Without the agent: the CRM knows
the owner of its records. A record id that the warehouse replaced with a key is exported as the source wrote it.
"""
TEXTS = ("lead_id", "grade", "warning_level", "warning_level_zh", "next_action", "next_action_zh")
OTHERS = ("due_on", "is_opted_out", "opted_out_on", "as_of")
FORMULA = r"^[=+@\t\r\n'＝＋－＠-]"
"""First characters of a cell that a spreadsheet runs as a formula, and the apostrophe that escapes them."""

OPTIONS = "FORMAT csv, HEADER, FORCE_QUOTE (lead_id)"
"""Quoted ids: a spreadsheet that splits columns at semicolons would otherwise find a formula inside an id."""


def build_export(warehouse: Path, keys: Path, versions: Path, version_id: str) -> dict[str, int]:
    """Write `versions/<version_id>/<source>.csv` (UTF-8, header, mode 0600). Returns the records by source.

    Escapes a text that a spreadsheet would run, or that begins with an apostrophe, with one apostrophe: an importer
    removes the first apostrophe. The folder gets its name when all files and the manifest are on disk.

    Parameters
    ----------
    keys: `<home>/restricted_keys.parquet`.
    versions: `<home>/crm_export/versions`.
    """
    partial = partial_folder(versions, version_id)
    versions.parent.chmod(0o700)
    records: dict[str, int] = {}
    columns = ", ".join([*map(_escaped, TEXTS), *OTHERS])
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        sources = connection.execute("SELECT DISTINCT source FROM warehouse.service.crm_records ORDER BY 1").fetchall()
        for (source,) in sources:
            file = partial / f"{source}.csv"
            file.touch(mode=0o600)
            records_of = RECORDS.format(source=literal(source), keys=parquet_files([keys]), columns=columns)
            copied = connection.execute(f"COPY ({records_of}) TO {literal(str(file))} ({OPTIONS})")
            records[source] = first_value(copied)
            file.chmod(0o600)
    put_in_place(partial, versions, version_id, records)
    return records


def _escaped(column: str) -> str:
    starts = f"regexp_matches({column}, {literal(FORMULA)})"
    return f"CASE WHEN {starts} THEN chr(39) || {column} ELSE {column} END AS {column}"
