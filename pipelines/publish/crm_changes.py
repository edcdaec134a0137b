"""Import files for a CRM: the records whose grade or action changed, in the headers and the encoding of the system."""

from __future__ import annotations

import glob
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.durable import move_into_place
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value, identifier, literal
from pipelines.home.warehouse import connect_in_memory
from pipelines.integrity.check import assert_folder
from pipelines.publish.crm_export import RECORDS, WORKLIST

CHUNK = 1 << 20
"""Characters that are written in another encoding at once."""


class NothingToHandOver(TierhouseError):
    """The home has no export of the source."""


@dataclass(frozen=True)
class System:
    """A CRM. `headers`: column of the export → header of the import file. `words`: texts of true and false."""

    encoding: str
    headers: Mapping[str, str]
    words: tuple[str, str]


SYSTEMS: Mapping[str, System] = {
    "zoho": System(
        "utf-8",
        {
            "lead_id": "Record Id",
            "grade": "Tierhouse Grade",
            "intent": "Tierhouse Intent",
            "warning_level": "Tierhouse Warning",
            "next_action": "Tierhouse Next Action",
            "due_on": "Tierhouse Due Date",
            "is_opted_out": "Tierhouse Opted Out",
        },
        ("true", "false"),
    ),
    "fxiaoke": System(
        "gb18030",
        {
            "lead_id": "数据ID",
            "grade": "客户价值等级",
            "intent_zh": "购买意向",
            "warning_level_zh": "流失预警",
            "next_action_zh": "下一步动作",
            "due_on": "截止日期",
            "is_opted_out": "拒绝营销",
        },
        ("是", "否"),
    ),
}
"""Only the record id is a field of the system itself; the others are fields that its administrator adds."""


def write_changes(
    settings: Settings, source: str, system: str, output: Path, *, everything: bool = False
) -> tuple[int, int]:
    """Write the records of a source that changed since the last file that this function wrote. UTF-8 or GB18030, 0600.

    A record has changed if a column of the file differs. The records that were handed over are kept in
    `crm_export/handed_over/<source>.csv`, and replaced after the file is on disk: a killed command hands the same
    records over again. `everything`: write all records. Returns the written and all records of the source.

    Raises NothingToHandOver and IntegrityError.
    """
    current = settings.crm_export / "current"
    export = current / f"{source}.csv"
    if not export.is_file():
        sources = sorted(path.stem for path in current.glob("*.csv") if not path.stem.startswith(WORKLIST))
        found = f"there are: {', '.join(sources)}" if sources else "grade a day first with `tierhouse run`"
        raise NothingToHandOver(f"no CRM export of the source {source!r}; {found}")
    assert_folder(settings.home, current.resolve())
    kept = settings.crm_export / "handed_over" / f"{source}.csv"
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.partial")
    form = SYSTEMS[system]
    with connect_in_memory(settings) as connection:
        before = None if everything or not kept.exists() else kept
        written = _write_utf8(connection, form, export, before, partial)
        records = first_value(connection.execute(f"SELECT count(*) FROM {_rows(export)}"))
    if form.encoding != "utf-8":
        _write_in(form.encoding, partial)
    move_into_place(partial, output)
    handed_over = kept.with_name(f".{kept.name}.partial")
    shutil.copy(export, handed_over)
    handed_over.chmod(0o600)
    move_into_place(handed_over, kept)
    return written, records


def _write_utf8(
    connection: duckdb.DuckDBPyConnection, form: System, export: Path, before: Path | None, partial: Path
) -> int:
    compared = ", ".join(form.headers)
    rows = f"SELECT {compared} FROM {_rows(export)}"
    if before is not None:
        rows += f" EXCEPT SELECT {compared} FROM {_rows(before)}"
    columns = ", ".join(f"{_worded(column, form)} AS {identifier(header)}" for column, header in form.headers.items())
    partial.touch(mode=0o600)
    partial.chmod(0o600)
    copied = connection.execute(
        f"COPY (SELECT {columns} FROM ({rows}) ORDER BY lead_id) TO {literal(str(partial))} (FORMAT csv, HEADER, "
        f"FORCE_QUOTE ({identifier(form.headers['lead_id'])}))"
    )
    partial.chmod(0o600)
    return first_value(copied)


def _worded(column: str, form: System) -> str:
    if column != "is_opted_out":
        return column
    yes, no = form.words
    return f"CASE {column} WHEN 'true' THEN {literal(yes)} ELSE {literal(no)} END"


def _rows(file: Path) -> str:
    """SQL for the lines of an export as text. Ids keep their leading zeros, quoted nothing stays a text."""
    names = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in RECORDS.columns)
    options = f"header = true, columns = {{{names}}}, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
    return f"read_csv({literal(glob.escape(str(file)))}, {options})"


def _write_in(encoding: str, partial: Path) -> None:
    """Write a UTF-8 file again in another encoding, in portions."""
    encoded = partial.with_name(f"{partial.name}.{encoding}")
    encoded.touch(mode=0o600)
    with (
        partial.open(encoding="utf-8", newline="") as lines,
        encoded.open("w", encoding=encoding, newline="") as target,
    ):
        while chunk := lines.read(CHUNK):
            target.write(chunk)
    encoded.replace(partial)
