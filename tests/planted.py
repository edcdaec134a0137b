"""Phones, e-mails and names in every text field of every entity, and a search for them in the files of a home."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb

from pipelines.ingest.contract import ENTITIES, Entity, Field

IDENTIFIERS = (
    "13871234567",
    "+86 138-7123-4568",
    "１３８７１２３４５６９",
    "一三八七一二三四五七〇",
    "١٣٨٧١٢٣٤٥٧١",
    "138 7123 4572",
    "wanglei3@planted.example",
    "wanglei4 (at) planted.example",
    "wanglei5 at planted.example",
    "wanglei6[at]planted[dot]cn",
    "ｗａｎｇｌｅｉ７＠planted.example",
    "Zhenhua Ouyang",
    "欧阳振华",
)
OFTEN = 6
"""Records that say each: more than a label needs, so that rarity alone does not hide it."""
RARE = "Quirin Leopoldsberger"
"""A name that no field of names holds: one record says it."""
SECRETS = (*IDENTIFIERS, RARE, "Ouyang, Zhenhua")
RESTRICTED = (
    "landing",
    "staged",
    "quarantine",
    "restricted.duckdb",
    "restricted_keys.parquet",
    "sources",
    "drop",
    "raw",
    "demo",
    "demo_truth",
    "warehouse.duckdb",
    "training",
)
"""Places that hold what the sources wrote, for the owner alone; the warehouse has texts before they are judged."""


def plant(home: Path, last: date) -> None:
    """Add a source `planted` with all entities: each text field in turn holds each identifier."""
    raw = home / "raw" / "planted"
    raw.mkdir(parents=True)
    for name, entity in ENTITIES.items():
        with (raw / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, [field.name for field in entity.fields])
            writer.writeheader()
            writer.writerows(_rows(entity, last))
    fields = {
        name: ", ".join(f"{field.name}: {field.name}" for field in entity.fields) for name, entity in ENTITIES.items()
    }
    files = "".join(
        f"  - path: {name}.csv\n    entities:\n      {name}: {{{mapped}}}\n" for name, mapped in fields.items()
    )
    (home / "sources").mkdir(exist_ok=True)
    (home / "sources" / "planted.yml").write_text(
        f"source: planted\nroot: {json.dumps(str(raw))}\ntimezone: Asia/Shanghai\nhistory: true\nquarantine_bar: 1\n"
        f"files:\n{files}",
        encoding="utf-8",
    )


def found_in(home: Path) -> list[str]:
    """Files and table columns outside the restricted places that hold a planted text; never the text itself."""
    return sorted({place for path in _open_files(home) for place, text in _texts(path) if _holds_secret(text)})


def names_of_files(home: Path) -> list[str]:
    """Files outside the restricted places whose names hold a planted text."""
    return [str(path) for path in _open_files(home) if _holds_secret(str(path.relative_to(home)).encode())]


def _rows(entity: Entity, last: date) -> Iterator[dict[str, str]]:
    number = 0
    for field in (one for one in entity.fields if one.type == "text"):
        for text in (*IDENTIFIERS, RARE, "Ouyang, Zhenhua"):
            for _ in range(1 if text == RARE or field.name == entity.key else OFTEN):
                number += 1
                yield {one.name: _cell(one, number, last) for one in entity.fields} | {field.name: text}


def _cell(field: Field, number: int, last: date) -> str:
    if field.name == "lead_id":
        return f"P{number % 400:04}"
    if field.name.endswith("_id"):
        return f"{field.name[0].upper()}{number:06}"
    if field.name == "full_name":
        return "欧阳振华" if number % 2 else "Ouyang Zhenhua"
    if field.type == "timestamp":
        return f"{last.replace(day=1 + number % 28)} 10:{number % 60:02}:00"
    if field.type == "date":
        return str(last.replace(day=1))
    if field.values is not None:
        return field.values[number % len(field.values)]
    if field.required and field.type in ("money", "number"):
        return "1000"
    return "online/portal" if field.name == "channel" else ""


def _open_files(home: Path) -> list[Path]:
    return [
        path for path in sorted(home.rglob("*")) if path.is_file() and path.relative_to(home).parts[0] not in RESTRICTED
    ]


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of a file, and what its compression hides."""
    place = str(path)
    yield place, path.read_bytes()
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            yield from _columns(connection.from_parquet(str(path), hive_partitioning=False), place)
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield from _columns(connection.table(table), f"{place}.{table}")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield f"{place}:{name}", archive.read(name)


def _columns(relation: duckdb.DuckDBPyRelation, place: str) -> Iterator[tuple[str, bytes]]:
    for column, kind in zip(relation.columns, relation.types, strict=True):
        if "VARCHAR" in str(kind):
            values = relation.select(duckdb.ColumnExpression(column)).distinct().fetchall()
            yield f"{place}.{column}", json.dumps(values, ensure_ascii=False, default=str).encode()


def _holds_secret(content: bytes) -> bool:
    return any(spelling in content for spelling in SPELLINGS)


SPELLINGS = tuple(
    dict.fromkeys(
        spelling.encode()
        for secret in SECRETS
        for text in (secret, secret.lower())
        for spelling in (text, json.dumps(text)[1:-1], text.replace(" ", "").replace("-", ""))
    )
)
