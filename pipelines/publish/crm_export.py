"""The CRM export: the grades of the records of each source, and the work lists of its agents, as CSV files.

The lines have record ids and no `customer_id`: both together would identify the customers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.sql import first_value, literal, parquet_files
from pipelines.publish.folders import partial_folder, put_in_place

KEYED: Mapping[str, str] = {"lead_id": "record", "agent_id": "agent", "best_listing": "property"}
"""Column → kind of its keys. A key of the warehouse is exported as the text that the source wrote."""
NOT_TEXT = frozenset({
    "rank", "budget_min", "budget_max", "best_listing_price", "expected_benefit", "due_on", "due_at", "is_overdue",
    "days_overdue", "is_opted_out", "opted_out_on", "as_of",
})  # fmt: skip
FORMULA = r"^[=+@\t\r\n'＝＋－＠-]"
"""First characters of a cell that a spreadsheet runs as a formula, and the apostrophe that escapes them."""
INNER_FORMULA = r"([;\t\r\n])([=+@＝＋－＠-])"
INNER_ESCAPED = r"\1'\2"
"""A formula inside a text, for a spreadsheet that splits columns at semicolons. It respects the quotes of the first
column only, so `lead_id` stays as it is.
"""
WORKLIST = "worklist_"
"""Begins the name of a file of work lists."""


class ExportClash(TierhouseError):
    """Two files of the export would have one name."""


@dataclass(frozen=True)
class Export:
    """One kind of file. The first column is `lead_id`. `quoted`: columns in quotes. `for_people`: begins with a byte
    order mark, which Excel needs to show Chinese.
    """

    table: str
    columns: Sequence[str]
    order: str
    quoted: Sequence[str]
    for_people: bool = False


_WORDS = (
    "task", "task_zh", "reason", "reason_zh", "action", "action_zh", "warning_level", "warning_level_zh",
    "value_grade", "intent", "intent_zh", "contact_channel", "contact_channel_zh", "demand_type", "demand_type_zh",
    "project",
)  # fmt: skip
_LISTING = ("best_listing", "best_listing_project", "why", "why_zh")
RECORDS = Export(
    "crm_records",
    ("lead_id", "grade", "intent", "intent_zh", "warning_level", "warning_level_zh", "next_action", "next_action_zh",
     "due_on", "is_opted_out", "opted_out_on", "as_of"),
    order="lead_id",
    quoted=("lead_id",),
)  # fmt: skip
"""Without the agent: the CRM knows the owner of its records."""
TASKS = Export(
    "crm_worklist",
    ("lead_id", "agent_id", "agent_key", "rank", *_WORDS, "budget_min", "budget_max", "budget_currency",
     "budget_period", *_LISTING, "best_listing_price", "expected_benefit", "due_at", "is_overdue", "days_overdue",
     "is_opted_out", "as_of"),
    order="agent_id, rank",
    quoted=("lead_id", "agent_id", "agent_key", *_WORDS, "budget_currency", "budget_period", *_LISTING),
    for_people=True,
)  # fmt: skip


def build_export(
    warehouse: Path,
    keys: Path,
    versions: Path,
    version_id: str,
    open_engine: Callable[[], duckdb.DuckDBPyConnection] = duckdb.connect,
) -> dict[str, int]:
    """Write `<source>.csv` and `worklist_<source>.csv` below `versions/<version_id>` (UTF-8, header, mode 0600).

    Escapes a text that a spreadsheet would run, or that begins with an apostrophe, with one apostrophe: an importer
    removes the first apostrophe. The folder gets its name when all files and the manifest are on disk. Returns the
    records by source. Raises ExportClash if a source has the name of another source's work list.

    Parameters
    ----------
    keys: `<home>/restricted_keys.parquet`.
    versions: `<home>/crm_export/versions`.
    open_engine: opens a connection without a file.
    """
    partial = partial_folder(versions, version_id)
    versions.parent.chmod(0o700)
    records: dict[str, int] = {}
    with open_engine() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        connection.execute(f"CREATE TEMP VIEW keys AS SELECT * FROM {parquet_files([keys])}")
        sources = _sources(connection)
        for source in sources:
            records[source] = _write(connection, RECORDS, source, partial / f"{source}.csv")
            _write(connection, TASKS, source, partial / f"{WORKLIST}{source}.csv")
    put_in_place(partial, versions, version_id, records)
    return records


def _sources(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT source FROM warehouse.service.crm_records ORDER BY 1").fetchall()
    sources = [source for (source,) in rows]
    for source in sources:
        if f"{WORKLIST}{source}" in sources:
            reason = f"expected sources with file names of their own, found {source} and {WORKLIST}{source}"
            raise ExportClash(f"{reason}: rename the mapping sources/{WORKLIST}{source}.yml")
    return sources


def _write(connection: duckdb.DuckDBPyConnection, export: Export, source: str, file: Path) -> int:
    """Write the lines of one source. Returns their number."""
    file.touch(mode=0o600)
    names = ", ".join(export.columns)
    head = f"HEADER false, PREFIX {literal(chr(0xFEFF) + names.replace(' ', '') + chr(10))}, SUFFIX {literal(chr(10))}"
    options = f"FORMAT csv, {head if export.for_people else 'HEADER'}, FORCE_QUOTE ({', '.join(export.quoted)})"
    lines = f"""
        SELECT {", ".join(map(_escaped, export.columns))}
        FROM (
            SELECT {", ".join(map(_as_written, export.columns))}
            FROM warehouse.service.{export.table} AS lines
            WHERE lines.source = {literal(source)}
        )
        ORDER BY {export.order}
    """
    copied = connection.execute(f"COPY ({lines}) TO {literal(str(file))} ({options})")
    file.chmod(0o600)
    return first_value(copied)


def _as_written(column: str) -> str:
    if column not in KEYED:
        return f"lines.{column}"
    written = f"(SELECT min(text) FROM keys WHERE kind = {literal(KEYED[column])} AND key = lines.{column})"
    return f"coalesce({written}, lines.{column}) AS {column}"


def _escaped(column: str) -> str:
    if column in NOT_TEXT:
        return column
    starts = f"regexp_matches({column}, {literal(FORMULA)})"
    text = column
    if column != "lead_id":
        text = f"regexp_replace({column}, {literal(INNER_FORMULA)}, {literal(INNER_ESCAPED)}, 'g')"
    return f"CASE WHEN {starts} THEN chr(39) || {text} ELSE {text} END AS {column}"
