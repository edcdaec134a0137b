"""Reads one entry of `files` in a mapping file: how to read what it matches, and what its lines fill."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.home.lined_yaml import Node
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.errors import Faults
from pipelines.ingest.mapping.field_mapping import parse_condition, parse_field, parse_rules, parse_texts
from pipelines.ingest.mapping.source_mapping import AUTO, FORMATS, EntityMapping, FileMapping
from pipelines.messages import is_text

FILE_KEYS = ("path", "format", "delimiter", "encoding", "header", "sheet", "null_values", "entities")
IDS = ("lead_id", "deal_id", "related_transaction_id")
"""Fields that tell which rows belong together: a constant would make one customer, or one deal, of all."""

ENTITY_KEYS = ("rules", "implied", "where")
ONLY = {"delimiter": ("csv",), "encoding": ("csv", "text"), "header": ("csv", "text", "xlsx"), "sheet": ("xlsx",)}


def check_keys(node: Node, allowed: tuple[str, ...], place: str, faults: Faults) -> None:
    """Record a fault for each key that is not allowed."""
    for key, value in node.items():
        if key not in allowed:
            faults.add(value, f"{place}.{key}", f"unknown key; expected one of {', '.join(allowed)}")


def text_of(node: Node, key: str, place: str, faults: Faults, *, required: bool = False) -> str:
    """The text at a key; None where it is not there, empty where a fault was recorded."""
    found = node.value.get(key)
    if found is None or found.value is None:
        if required:
            faults.add(found or node, place, "expected a value, found nothing")
        return None if not required else ""
    if not isinstance(found.value, str):
        faults.add(found, place, "expected text, found a list or keys")
        return ""
    return found.value


def parse_file(node: Node, number: int, parser: duckdb.DuckDBPyConnection, faults: Faults) -> FileMapping:
    """The entry, as far as it can be read; what is wrong is recorded."""
    place = f"files[{number}]"
    if not isinstance(node.value, dict):
        faults.add(node, place, "expected keys such as path and entities")
        return FileMapping("", node.line, (), "csv")
    check_keys(node, FILE_KEYS, place, faults)
    path = text_of(node, "path", f"{place}.path", faults, required=True)
    if Path(path).is_absolute() or ".." in Path(path).parts:
        faults.add(node.value["path"], f"{place}.path", f"expected a path below the root, found {path!r}")
    if not is_text(path) or any("**" in part and part != "**" for part in Path(path).parts):
        told = f"expected a path whose ** stands alone between slashes, without control characters, found {path!r}"
        faults.add(node.value["path"], f"{place}.path", told)
    suffix = Path(path.removesuffix(".gz")).suffix.lower()
    form = text_of(node, "format", f"{place}.format", faults) or FORMATS.get(suffix)
    if form not in (AUTO, "csv", "text", "parquet", "xlsx") and path:
        told = f"expected a name ending in .csv, .txt, .xlsx or .parquet (or .gz), found {path!r}"
        faults.add(node, f"{place}.path", told)
    for key, formats in ONLY.items():
        if key in node and form not in (AUTO, *formats):
            faults.add(node.value[key], f"{place}.{key}", f"has no meaning for {form} files")
    return FileMapping(
        path,
        node.line,
        _entities(node, place, parser, faults),
        form or "csv",
        delimiter=_delimiter(node, place, faults),
        encoding=_encoding(node, place, faults),
        header=_header(node, place, faults),
        sheet=text_of(node, "sheet", f"{place}.sheet", faults) or "*",
        null_values=parse_texts(node, "null_values", place, faults),
    )


def _encoding(node: Node, place: str, faults: Faults) -> str:
    encoding = text_of(node, "encoding", f"{place}.encoding", faults) or "utf-8"
    try:
        name = "utf-8" if encoding == AUTO else encoding
        "a".encode(name).decode(name)
    except (LookupError, ValueError):
        told = f"expected an encoding like gb18030, or {AUTO}, found {encoding!r}"
        faults.add(node.value["encoding"], f"{place}.encoding", told)
    return encoding


def _delimiter(node: Node, place: str, faults: Faults) -> str:
    delimiter = text_of(node, "delimiter", f"{place}.delimiter", faults) or ","
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if delimiter != AUTO and (len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii()):
        told = f"expected one character, or {AUTO}, found {delimiter!r}"
        faults.add(node.value["delimiter"], f"{place}.delimiter", told)
    return delimiter


def _header(node: Node, place: str, faults: Faults) -> tuple[str, ...] | None:
    header = node.value.get("header")
    if header is None:
        return None
    names = [item.value for item in header.value] if isinstance(header.value, list) else []
    if (
        not names
        or not all(isinstance(name, str) for name in names)
        or len({n.casefold() for n in names}) != len(names)
    ):
        faults.add(header, f"{place}.header", "expected a list of different column names")
        return None
    return tuple(names)


def _entities(node: Node, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults) -> tuple[EntityMapping, ...]:
    found = node.value.get("entities")
    if found is None or not isinstance(found.value, dict) or not found.value:
        faults.add(found or node, f"{place}.entities", f"expected one or more of {', '.join(ENTITIES)}, found none")
        return ()
    result = []
    for name, body in found.items():
        if name not in ENTITIES:
            faults.add(body, f"{place}.{name}", f"unknown entity; expected one of {', '.join(ENTITIES)}")
            continue
        for part, one in enumerate(body.value if isinstance(body.value, list) else [body]):
            if not isinstance(one.value, dict):
                faults.add(one, name, "expected fields, found none")
            else:
                result.append(_entity(name, part, one, parser, faults))
    return tuple(result)


def _entity(name: str, part: int, body: Node, parser: duckdb.DuckDBPyConnection, faults: Faults) -> EntityMapping:
    entity = ENTITIES[name]
    known = {field.name: field for field in entity.fields}
    fields = []
    for key, node in body.items():
        if key in ENTITY_KEYS:
            continue
        if key not in known:
            faults.add(node, f"{name}.{key}", f"unknown field; {name} has {', '.join(known)}")
        else:
            parsed = parse_field(known[key], node, f"{name}.{key}", parser, faults)
            if parsed and key in (entity.key, *IDS) and not parsed.reads:
                faults.add(node, f"{name}.{key}", "expected an id that rows tell, found one that reads no column")
            fields += [parsed] if parsed else []
    for field in entity.fields:
        if field.required and field.name not in body:
            faults.add(body, f"{name}.{field.name}", "required field is not mapped")
    implied = body.value.get("implied")
    if implied is not None and implied.value not in ("true", "false"):
        faults.add(implied, f"{name}.implied", f"expected true or false, found {implied.value!r}")
    if implied is not None and implied.value == "true" and (entity.key is None or entity.key not in body):
        faults.add(implied, f"{name}.implied", "needs a mapped id: one row per id is implied")
    rules = parse_rules(body.value.get("rules"), name, parser, faults)
    return EntityMapping(
        name,
        body.line,
        tuple(fields),
        rules,
        implied=implied is not None and implied.value == "true",
        where=parse_condition("where", body.value.get("where"), f"{name}.where", parser, faults),
        part=part,
    )
