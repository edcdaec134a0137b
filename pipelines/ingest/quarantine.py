"""Quarantine: rows that broke the contract, with the rule, what was expected and found, and the original text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.home.sql import first_value, literal
from pipelines.ingest.batches import FaultCount
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.originals import original_texts
from pipelines.ingest.reading.text import BadRow
from pipelines.ingest.typing.contract_rules import shape_sql
from pipelines.ingest.typing.emptied import BETWEEN_FAULTS, BETWEEN_PARTS

DUPLICATE_KEY = BETWEEN_PARTS.join(["duplicate_key", "row_key", "one line per id and moment: another line differs", ""])


def create_quarantined(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `quarantined`: one row per quarantined line and entity, with all rules that it breaks."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE quarantined "
        "(__file INTEGER, __line BIGINT, __span BIGINT, entity VARCHAR, faults VARCHAR)"
    )


def add_bad_rows(connection: duckdb.DuckDBPyConnection, file_id: int, rows: Sequence[BadRow], entity: str) -> None:
    """Add the records of a file that cannot be mapped to the entity."""
    if not rows:
        return
    incoming = {
        "__line": [row.line for row in rows],
        "__span": [row.span for row in rows],
        "faults": [BETWEEN_PARTS.join([row.rule, "", row.message, ""]) for row in rows],
    }
    connection.register("incoming", pa.table(incoming))
    connection.execute(
        f"INSERT INTO quarantined SELECT {file_id}, __line, __span, {literal(entity)}, faults FROM incoming"
    )
    connection.unregister("incoming")


def add_broken_rows(connection: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Add the rows of `mapped_<entity>` that break a rule, and lines that a later line of the batch contradicts."""
    connection.execute(f"""
        INSERT INTO quarantined
        SELECT __file, __line, __span, '{entity}', faults FROM mapped_{entity} WHERE faults IS NOT NULL
        UNION ALL
        SELECT rows.__file, rows.__line, rows.__span, '{entity}', {literal(DUPLICATE_KEY)}
        FROM mapped_{entity} AS rows JOIN verdict_{entity} AS verdicts
            ON rows.__file = verdicts.__file AND rows.__line = verdicts.__line
        WHERE verdicts.verdict = 'duplicate_key'
    """)


def count_faults(connection: duckdb.DuckDBPyConnection, names: Mapping[int, str]) -> tuple[FaultCount, ...]:
    """Count the quarantined rows by file, entity and the first rule that they break. `names`: files by id."""
    rows = connection.execute(
        f"SELECT __file, entity, {_part('faults', 1)} AS rule, {_part('faults', 2)} AS field, count(*) "
        "FROM quarantined GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return tuple(FaultCount(names[file], entity, rule, field, count) for file, entity, rule, field, count in rows)


def count_lines(connection: duckdb.DuckDBPyConnection, names: Mapping[int, str]) -> int:
    """Count the lines with a quarantined row, each once. `names`: files by id; a file may have several ids."""
    first = {name: file for file, name in reversed(list(names.items()))}
    file = " ".join(f"WHEN {file_id} THEN {first[name]}" for file_id, name in names.items())
    lines = f"SELECT DISTINCT CASE __file {file} END, __line FROM quarantined"
    return first_value(connection.execute(f"SELECT count(*) FROM ({lines})"))


def write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    batch: str,
    source: str,
    files: Mapping[int, SourceFile],
    scratch: Path,
) -> None:
    """Replace the quarantine file of the batch: batch, source, file, line, entity, rule, field, message, text.

    Rule and field are those of the first broken rule of the row. The message lists all broken rules. `files`: by id.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE texts (__file INTEGER, __line BIGINT, text VARCHAR)")
    connection.execute("CREATE OR REPLACE TEMP TABLE names (__file INTEGER, file VARCHAR)")
    for file_id, file in files.items():
        connection.execute("INSERT INTO names VALUES (?, ?)", [file_id, file.name])
        wanted = connection.execute(
            "SELECT DISTINCT __line, __span FROM quarantined WHERE __file = ? ORDER BY 1", [file_id]
        ).fetchall()
        if wanted:
            lines, texts = map(list, zip(*original_texts(connection, file, scratch, wanted), strict=True))
            connection.register("incoming", pa.table({"line": lines, "text": texts}))
            connection.execute(f"INSERT INTO texts SELECT {file_id}, line, text FROM incoming")
            connection.unregister("incoming")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    connection.execute(f"""
        COPY (
            SELECT
                {literal(batch)} AS batch, {literal(source)} AS source, file, __line AS line, entity,
                {_part("faults", 1)} AS rule, nullif({_part("faults", 2)}, '') AS field,
                array_to_string(
                    list_transform(string_split(faults, {literal(BETWEEN_FAULTS)}), lambda fault: {_MESSAGE}), '; '
                ) AS message,
                text
            FROM quarantined JOIN names USING (__file) LEFT JOIN texts USING (__file, __line)
            ORDER BY __file, __line, entity
        ) TO {literal(str(partial))} (FORMAT parquet, COMPRESSION zstd)
    """)
    partial.replace(target)


def _part(faults: str, number: int) -> str:
    """SQL for a part of the first fault: 1 rule, 2 field, 3 expected, 4 found."""
    first = f"split_part({faults}, {literal(BETWEEN_FAULTS)}, 1)"
    return f"split_part({first}, {literal(BETWEEN_PARTS)}, {number})"


_MESSAGE = (
    f"CASE WHEN {_part('fault', 2)} <> '' THEN {_part('fault', 2)} || ': expected ' ELSE '' END "
    f"|| {_part('fault', 3)} "
    f"|| CASE WHEN {_part('fault', 4)} <> '' THEN ', found ' || {shape_sql(_part('fault', 4))} ELSE '' END"
)
