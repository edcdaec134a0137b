"""Raw rows of one file → typed rows of one entity, each with its key, its content hash and the rules that it breaks."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from pipelines.home.sql import first_row, first_value, identifier, literal
from pipelines.ingest.contract import NUMBER_TYPES, Entity
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.source_mapping import EntityMapping, Rule, SourceMapping
from pipelines.ingest.reading.text import BadRow
from pipelines.ingest.typing.contract_rules import another_locale_sql, parse_faults
from pipelines.ingest.typing.emptied import BETWEEN_FAULTS
from pipelines.ingest.typing.row_query import FileContext, fills_entity_sql, is_data_sql, raw_hash, row_query


def create_mapped(connection: duckdb.DuckDBPyConnection, source: SourceMapping, entity: Entity) -> None:
    """Create the table `mapped_<entity>`: rows of all files of a source, also broken rows (`faults` is not null).

    `emptied`: the faults of the fields that are null because their text does not fit.

    `__key` is the mapped id or its substitute (`_key` in `row_query`). `__content` is the 128-bit hash of the mapped
    values.
    """
    fields = "".join(f", {identifier(field.name)} {field.sql_type}" for field in source.stored_fields(entity))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE mapped_{entity.name} (__file INTEGER, __line BIGINT, __span BIGINT, "
        "__key VARCHAR, known_at TIMESTAMP, __content UHUGEINT, faults VARCHAR, emptied VARCHAR, implied BOOLEAN, "
        f"extra VARCHAR{fields})"
    )


def number_repetitions(connection: duckdb.DuckDBPyConnection, columns: Sequence[str], written: Collection[str]) -> None:
    """Create the table `repeated` (__line, number), which numbers equal rows of the file in the order of lines."""
    hashed = raw_hash(columns, written)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hashed AS SELECT __line, {hashed} AS hash FROM raw")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS "
        "SELECT __line, row_number() OVER (PARTITION BY hash ORDER BY __line) AS number FROM hashed "
        "WHERE hash IN (SELECT hash FROM hashed GROUP BY ALL HAVING count(*) > 1)"
    )


def count_ignored(connection: duckdb.DuckDBPyConnection, ignore: Rule | None, rows: str) -> int:
    """Count the rows that are no data. `rows`: the view of the raw rows."""
    if ignore is None:
        return 0
    return int(first_value(connection.execute(f"SELECT count(*) FROM {rows} WHERE NOT {is_data_sql(ignore)}")))


def unclaimed(
    connection: duckdb.DuckDBPyConnection, entities: Sequence[EntityMapping], ignore: Rule | None, rows: str
) -> list[BadRow]:
    """Return the raw rows that are data and meet no `where`. They fill no entity, so they are quarantined."""
    if not all(entity.where for entity in entities):
        return []
    claimed = " OR ".join(fills_entity_sql(entity) for entity in entities)
    found = connection.execute(
        f"SELECT __line, __span FROM {rows} WHERE {is_data_sql(ignore)} AND NOT ({claimed}) ORDER BY 1"
    ).fetchall()
    message = "expected a line that meets a `where` of the mapping, found a line that meets none"
    return [BadRow(line, span, "where", message) for line, span in found]


def map_rows(connection: duckdb.DuckDBPyConnection, context: FileContext, mapping: EntityMapping) -> None:
    """Append the rows of `raw` that fill the entity to `mapped_<entity>`."""
    connection.execute(f"INSERT INTO mapped_{mapping.name} {row_query(context, mapping)}")


def ambiguous_numbers(connection: duckdb.DuckDBPyConnection, file_id: int, mapping: EntityMapping) -> frozenset[str]:
    """Return the number fields without `decimal` in which some row of the file has points between thousands.

    In such a column 850.000 is more likely 850,000 than 850. A row with such a number always has a fault, so only rows
    with faults are searched.
    """
    fields = [
        field.name
        for field in mapping.fields
        if mapping.entity.field(field.name).type in NUMBER_TYPES and field.decimal is None
    ]
    if not fields:
        return frozenset()
    every = f"concat_ws({literal(BETWEEN_FAULTS)}, faults, emptied)"
    shown = ", ".join(f"coalesce(bool_or({another_locale_sql(name, every)}), false)" for name in fields)
    flags = first_row(
        connection.execute(
            f"SELECT {shown} FROM mapped_{mapping.name} "
            "WHERE __file = ? AND (faults IS NOT NULL OR emptied IS NOT NULL)",
            [file_id],
        )
    )
    return frozenset(name for name, flag in zip(fields, flags, strict=True) if flag)


def count_mapped(connection: duckdb.DuckDBPyConnection, file: str, file_id: int, mapping: EntityMapping) -> int:
    """Count the rows of the file that fill the entity, once all rows are mapped.

    Raises FileRefused if the mapping takes every line of the file and no row is without faults.
    """
    total, good, line, faults = first_row(
        connection.execute(
            "SELECT count(*), count(*) FILTER (faults IS NULL), min(__line) FILTER (faults IS NOT NULL), "
            f"arg_min(faults, __line) FILTER (faults IS NOT NULL) FROM mapped_{mapping.name} WHERE __file = ?",
            [file_id],
        )
    )
    if total and not good and mapping.where is None:
        first = parse_faults(faults)[0]
        raise FileRefused(
            file,
            f"no row fits the mapping of {mapping.name}: expected {first.expected} ({first.rule})",
            line=line,
            field=first.field,
        )
    return total
