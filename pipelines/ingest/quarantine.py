"""Rows that broke the contract, with the rule, what was expected and found, and the original text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.home.sql import literal
from pipelines.ingest.batches import FaultCount
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.originals import original_texts
from pipelines.ingest.reading.text import BadRow
from pipelines.ingest.typing.contract_rules import BETWEEN_FAULTS, BETWEEN_PARTS, shape_sql

LATER_LINE = BETWEEN_PARTS.join(
    ["duplicate_key", "row_key", "one line per id and moment: another line says otherwise", ""]
)


def create_quarantined(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `quarantined`: one row per line and entity that is set aside, with all rules it breaks."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE quarantined "
        "(__file INTEGER, __line BIGINT, __span BIGINT, entity VARCHAR, faults VARCHAR)"
    )


def add_bad_rows(connection: duckdb.DuckDBPyConnection, file_id: int, rows: Sequence[BadRow], entity: str) -> None:
    """Records of a file that cannot be mapped to the entity at all."""
    incoming = [
        (file_id, row.line, row.span, entity, BETWEEN_PARTS.join([row.rule, "", row.message, ""])) for row in rows
    ]
    if incoming:
        columns = list(map(list, zip(*incoming, strict=True)))
        connection.register("incoming", pa.table(dict(zip("abcde", columns, strict=True))))
        connection.execute("INSERT INTO quarantined SELECT * FROM incoming")
        connection.unregister("incoming")


def add_broken_rows(connection: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Rows of `mapped_<entity>` that break a rule, and lines that a later line of the batch contradicts."""
    connection.execute(f"""
        INSERT INTO quarantined
        SELECT __file, __line, __span, '{entity}', faults FROM mapped_{entity} WHERE faults IS NOT NULL
        UNION ALL
        SELECT rows.__file, rows.__line, rows.__span, '{entity}', {literal(LATER_LINE)}
        FROM mapped_{entity} AS rows JOIN verdict_{entity} AS verdicts
            ON rows.__file = verdicts.__file AND rows.__line = verdicts.__line
        WHERE verdicts.verdict = 'duplicate_key'
    """)


def count_faults(connection: duckdb.DuckDBPyConnection, names: dict[int, str]) -> tuple[FaultCount, ...]:
    """Quarantined rows by file, entity and the first rule that they break."""
    rows = connection.execute(
        f"SELECT __file, entity, {_part('faults', 1)} AS rule, {_part('faults', 2)} AS field, count(*) "
        "FROM quarantined GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return tuple(FaultCount(names[file], entity, rule, field, count) for file, entity, rule, field, count in rows)


def count_lines(connection: duckdb.DuckDBPyConnection, names: dict[int, str]) -> int:
    """Lines with a quarantined row, each counted once. `names`: files by id, of which a file may have several."""
    first = {name: file for file, name in reversed(names.items())}
    same = " ".join(f"WHEN {file} THEN {first[name]}" for file, name in names.items())
    found = f"SELECT DISTINCT CASE __file {same} END, __line FROM quarantined"
    return connection.execute(f"SELECT count(*) FROM ({found})").fetchone()[0]


def write_quarantine(
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    batch: str,
    source: str,
    files: dict[int, SourceFile],
    scratch: Path,
) -> None:
    """Replace the batch's quarantine file: batch, source, file, line, entity, rule, field, message, text.

    Rule and field are those of the first rule that the row breaks; the message tells all.
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
                    list_transform(string_split(faults, {literal(BETWEEN_FAULTS)}), lambda one: {_MESSAGE}), '; '
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
    f"CASE WHEN {_part('one', 2)} <> '' THEN {_part('one', 2)} || ': expected ' ELSE '' END || {_part('one', 3)} "
    f"|| CASE WHEN {_part('one', 4)} <> '' THEN ', found ' || {shape_sql(_part('one', 4))} ELSE '' END"
)
