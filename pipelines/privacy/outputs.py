"""Removes a person from results: ledger, published versions, CRM exports, and the truth of a demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value, identifier, literal, parquet_files
from pipelines.identity.pairs.overrides import without_records
from pipelines.integrity.sums import file_sum
from pipelines.ledger.entries import entry_name
from pipelines.privacy.person import Person
from pipelines.privacy.records import Columns, strip_records
from pipelines.privacy.redo import Redo
from pipelines.publish.crm_export import WORKLIST
from pipelines.publish.switch import live_version
from pipelines.publish.version import STORAGE_VERSION


def remove_from_ledger(settings: Settings, person: Person, redo: Redo) -> None:
    """Rewrite the entries of the ledger without the rows of the person. Their names follow their content."""
    for path in sorted(settings.ledger.glob("*/as_of=*/*.parquet")):
        table = pq.read_table(path, partitioning=None)
        if "customer_key" not in table.column_names:
            continue
        schema, where = table.schema, f"customer_key IN ({', '.join(map(literal, person.keys))})"
        with duckdb.connect() as connection:
            connection.register("entry", table)
            count = first_value(connection.execute(f"SELECT count(*) FROM entry WHERE {where}"))
            rest = connection.execute(f"SELECT * FROM entry WHERE NOT ({where})").to_arrow_table().cast(schema)
        if count:
            redo.delete(path)
            pq.write_table(rest, redo.new(path.with_name(entry_name(path, rest))), compression="zstd")
            redo.counts[f"ledger: rows of {path.parent.parent.name}"] += count


def remove_from_decisions(settings: Settings, person: Person, redo: Redo) -> None:
    """Rewrite the decisions about identity without those about records of the person."""
    file = settings.identity_overrides
    if not file.exists():
        return
    content, count = without_records(file, {*person.records, *person.keys})
    if count:
        redo.new(file).write_bytes(content)
        redo.counts["decisions about identity"] += count


def remove_from_published(settings: Settings, person: Person, redo: Redo) -> None:
    """Rewrite the live version without the rows of the person, and delete the other versions that have such rows.

    Totals in the rewritten version still count the person until the day is graded again. The reports of the version are
    deleted, because they quote customers; `tierhouse report` builds them again.
    """
    live = live_version(settings.published)
    for folder in _versions(settings.published):
        if not _has_customer(folder, person):
            continue
        export = settings.crm_export / "versions" / folder.name
        if folder.name != live:
            redo.delete(folder)
            redo.delete(export)
            redo.counts["published: older versions deleted"] += 1
            continue
        _rewrite_version(folder, person, redo)
        for page in (folder / "report.html", folder / "report"):
            redo.delete(page)
    current = live_version(settings.crm_export)
    for folder in _versions(settings.crm_export):
        if folder.name == current and folder.name == live:
            _rewrite_export(folder, person, redo)
        elif any(_strip(path, person)[1] for path in folder.glob("*.csv")):
            redo.delete(folder)
    for path in sorted((settings.crm_export / "handed_over").glob("*.csv")):
        content, count = _strip(path, person)
        if count:
            redo.new(path).write_bytes(content)
            redo.counts["CRM exports: records"] += count


def _versions(place: Path) -> list[Path]:
    return sorted(path for path in (place / "versions").glob("[0-9]*") if path.is_dir())


def _has_customer(folder: Path, person: Person) -> bool:
    values = ", ".join(map(literal, person.customers))
    with duckdb.connect() as connection:
        return any(
            first_value(connection.execute(f"SELECT count(*) FROM {source} WHERE customer_id IN ({values})"))
            for path in sorted(folder.glob("*.parquet"))
            for source in [parquet_files([path])]
            if "customer_id" in pq.read_schema(path).names
        )


def _rewrite_version(folder: Path, person: Person, redo: Redo) -> None:
    file, manifest = folder / "tierhouse.duckdb", folder / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    values = ", ".join(map(literal, person.customers))
    redo.new(file).unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(file))} AS before (READ_ONLY)")
        connection.execute(f"ATTACH {literal(str(redo.new(file)))} AS after (STORAGE_VERSION '{STORAGE_VERSION}')")
        removed = {}
        for table, columns in _tables(connection):
            where = f"WHERE customer_id NOT IN ({values})" if "customer_id" in columns else ""
            connection.execute(f"CREATE TABLE after.{table} AS SELECT * FROM before.{table} {where}")
            counts = [
                first_value(connection.execute(f"SELECT count(*) FROM {database}.{table}"))
                for database in ("before", "after")
            ]
            if counts[0] != counts[1]:
                removed[table] = counts[0] - counts[1]
                content["rows"][table] = counts[1]
        for table, less in removed.items():
            if f"{table}_rows" in dict(_tables(connection))["publication"]:
                connection.execute(f"UPDATE after.publication SET {table}_rows = {table}_rows - {less}")
        for statement in _comments(connection):
            connection.execute(statement)
        for table in {*removed, "publication"}:
            target = literal(str(redo.new(folder / f"{table}.parquet")))
            connection.execute(f"COPY after.{table} TO {target} (FORMAT parquet, COMPRESSION zstd)")
        connection.execute("CHECKPOINT after")
        connection.execute("DETACH after")
    redo.counts["published: rows of the live version"] += sum(removed.values())
    _write_manifest(manifest, content, redo)


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[str]]]:
    return connection.execute(
        "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE database_name = 'before' "
        "GROUP BY table_name ORDER BY table_name"
    ).fetchall()


def _comments(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    tables = "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'before' AND comment IS NOT NULL"
    for table, comment in connection.execute(tables).fetchall():
        yield f"COMMENT ON TABLE after.{table} IS {literal(comment)}"
    columns = (
        "SELECT table_name, column_name, comment FROM duckdb_columns() "
        "WHERE database_name = 'before' AND comment IS NOT NULL"
    )
    for table, column, comment in connection.execute(columns).fetchall():
        yield f"COMMENT ON COLUMN after.{table}.{identifier(column)} IS {literal(comment)}"


def _write_manifest(manifest: Path, content: dict[str, Any], redo: Redo) -> None:
    content["files"] = {name: asdict(file_sum(redo.current(manifest.parent / name))) for name in content["files"]}
    write_atomically(redo.new(manifest), (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def _rewrite_export(folder: Path, person: Person, redo: Redo) -> None:
    manifest = folder / "manifest.json"
    content, changed = json.loads(manifest.read_text(encoding="utf-8")), False
    for path in sorted(folder.glob("*.csv")):
        after, count = _strip(path, person)
        if count:
            changed = True
            redo.new(path).write_bytes(after)
            redo.counts["CRM exports: records"] += count
            if path.stem in content["rows"]:
                content["rows"][path.stem] -= count
    if changed:
        _write_manifest(manifest, content, redo)


def _strip(path: Path, person: Person) -> tuple[bytes, int]:
    """Return a file of the CRM export without the person's records, and their number."""
    source = path.stem if path.stem in person.sources else path.stem.removeprefix(WORKLIST)
    stripped = strip_records(path.read_bytes(), person.ids(source), None, columns=Columns(frozenset({"lead_id"})))
    return stripped.content, stripped.removed


def remove_truth(settings: Settings, person: Person, redo: Redo) -> None:
    """Rewrite the truth of a demo without the rows of the person's records."""
    ids = ", ".join(map(literal, [*person.ids("demo"), *person.records]))
    for path in sorted((settings.home / "demo_truth").glob("*.parquet")):
        columns = [field.name for field in pq.read_schema(path) if _is_text(field.type)]
        tests = [f"coalesce({identifier(name)} IN ({ids}), false)" for name in columns]
        if pattern := person.contact_pattern:
            tests += [f"coalesce(regexp_matches({identifier(name)}, {literal(pattern)}), false)" for name in columns]
        # The text of a line of a file has the id among other cells.
        tests += [
            f"coalesce(list_has_any(string_split_regex({identifier(name)}, '[,;]'), [{ids}]), false)"
            for name in columns
        ]
        if not tests:
            continue
        hit, source = " OR ".join(tests), parquet_files([path])
        with duckdb.connect() as connection:
            count = first_value(connection.execute(f"SELECT count(*) FROM {source} WHERE {hit}"))
            if count:
                target = literal(str(redo.new(path)))
                connection.execute(f"COPY (SELECT * FROM {source} WHERE NOT ({hit})) TO {target} (FORMAT parquet)")
                redo.counts["demo_truth: rows"] += count


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
