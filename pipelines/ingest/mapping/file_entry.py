"""Reads one entry of `files` in a mapping file: how to read its files, and which entities their lines fill."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from pipelines.home.lined_yaml import Node
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.errors import Faults
from pipelines.ingest.mapping.field_mapping import parse_condition, parse_field, parse_rules, parse_texts
from pipelines.ingest.mapping.formats import AUTO, FORMAT_BY_SUFFIX, FORMAT_KEYS
from pipelines.ingest.mapping.source_mapping import EntityMapping, FileMapping, LookUp
from pipelines.messages import is_text

FILE_KEYS = (
    "path",
    "format",
    "delimiter",
    "encoding",
    "header",
    "sheet",
    "null_values",
    "ignore",
    "lookups",
    "entities",
)
IDS = ("lead_id", "deal_id", "related_transaction_id")
"""Fields that say which rows belong together. A constant would merge all rows into one customer or one deal."""

ENTITY_KEYS = ("rules", "implied", "where")


def check_keys(node: Node, allowed: tuple[str, ...], place: str, faults: Faults) -> None:
    """Record a fault for each key that is not allowed."""
    for key, value in node.items():
        if key not in allowed:
            faults.add(value, f"{place}.{key}", f"unknown key; expected one of {', '.join(allowed)}")


def text_of(node: Node, key: str, place: str, faults: Faults) -> str | None:
    """Read the text at a key. Returns None if the key is missing or empty, and "" after recording a fault."""
    given = node.get(key)
    if given is None or given.value is None:
        return None
    if not isinstance(given.value, str):
        faults.add(given, place, "expected text, found a list or keys")
        return ""
    return given.value


def required_text(node: Node, key: str, place: str, faults: Faults) -> str:
    """Read the text at a key. Returns "" after recording a fault, also if there is no text."""
    text = text_of(node, key, place, faults)
    if text is None:
        faults.add(node.get(key) or node, place, "expected a value, found nothing")
    return text or ""


def parse_file(node: Node, number: int, parser: duckdb.DuckDBPyConnection, faults: Faults) -> FileMapping:
    """Read the entry as far as possible, and record its faults."""
    place = f"files[{number}]"
    if not isinstance(node.value, dict):
        faults.add(node, place, "expected keys such as path and entities")
        return FileMapping("", node.line, (), "csv")
    check_keys(node, FILE_KEYS, place, faults)
    path = required_text(node, "path", f"{place}.path", faults)
    if Path(path).is_absolute() or ".." in Path(path).parts:
        faults.add(node["path"], f"{place}.path", f"expected a path below the root, found {path!r}")
    if not is_text(path) or any("**" in part and part != "**" for part in Path(path).parts):
        message = f"expected a path with ** alone between slashes and without control characters, found {path!r}"
        faults.add(node["path"], f"{place}.path", message)
    suffix = Path(path.removesuffix(".gz")).suffix.lower()
    form = text_of(node, "format", f"{place}.format", faults) or FORMAT_BY_SUFFIX.get(suffix)
    if form not in (AUTO, *FORMAT_KEYS) and path:
        message = f"expected a name ending in {', '.join(FORMAT_BY_SUFFIX)} (or .gz), found {path!r}"
        faults.add(node, f"{place}.path", message)
    for key in sorted({key for keys in FORMAT_KEYS.values() for key in keys}):
        if key in node and form != AUTO and key not in FORMAT_KEYS.get(form or "", ()):
            faults.add(node[key], f"{place}.{key}", f"has no meaning for {form} files")
    return FileMapping(
        path,
        node.line,
        _entities(node, place, parser, faults),
        form or "csv",
        delimiter=_delimiter(node, place, faults),
        encoding=_encoding(node, place, faults),
        header=_header(node, place, faults),
        header_rows=_header_rows(node),
        sheet=text_of(node, "sheet", f"{place}.sheet", faults) or "*",
        null_values=parse_texts(node, "null_values", place, faults),
        ignore=parse_condition("ignore", node.get("ignore"), f"{place}.ignore", parser, faults),
        lookups=_lookups(node, place, faults),
    )


def _lookups(node: Node, place: str, faults: Faults) -> tuple[LookUp, ...]:
    given = node.get("lookups")
    if given is None:
        return ()
    if not isinstance(given.value, dict) or not given.value:
        faults.add(given, f"{place}.lookups", "expected names such as contact with {in: …, on: {…: …}}")
        return ()
    read = []
    for name, body in given.items():
        at = f"{place}.lookups.{name}"
        on = body.get("on") if isinstance(body.value, dict) else None
        pairs = [(key, value.value) for key, value in on.items() if isinstance(value.value, str)] if on else []
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            faults.add(body, at, f"expected a name of lower-case letters, digits and _, found {name!r}")
        elif on is None or len(pairs) != 1 or len(pairs) != len(on.value or ()):
            faults.add(body, at, "expected {in: path of another entry, on: {column of this file: column there}}")
        else:
            check_keys(body, ("in", "on"), at, faults)
            read.append(LookUp(name, body.line, required_text(body, "in", f"{at}.in", faults), *pairs[0]))
    return tuple(read)


def _encoding(node: Node, place: str, faults: Faults) -> str:
    encoding = text_of(node, "encoding", f"{place}.encoding", faults) or "utf-8"
    try:
        name = "utf-8" if encoding == AUTO else encoding
        "a".encode(name).decode(name)
    except (LookupError, ValueError):
        message = f"expected an encoding like gb18030, or {AUTO}, found {encoding!r}"
        faults.add(node["encoding"], f"{place}.encoding", message)
    return encoding


def _delimiter(node: Node, place: str, faults: Faults) -> str:
    delimiter = text_of(node, "delimiter", f"{place}.delimiter", faults) or ","
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if delimiter != AUTO and (len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii()):
        message = f"expected one character, or {AUTO}, found {delimiter!r}"
        faults.add(node["delimiter"], f"{place}.delimiter", message)
    return delimiter


def _header(node: Node, place: str, faults: Faults) -> tuple[str, ...] | None:
    header = node.get("header")
    if header is None or _header_rows(node):
        return None
    items = header.value if isinstance(header.value, list) else []
    names = [item.value for item in items if isinstance(item.value, str)]
    if not names or len(names) < len(items) or len({name.casefold() for name in names}) < len(names):
        faults.add(header, f"{place}.header", "expected a list of different column names, or lines as 3 or 3-4")
        return None
    return tuple(names)


def _header_rows(node: Node) -> tuple[int, int] | None:
    """Return the lines of `header: 3` or `header: 3-4`. Returns None for anything else."""
    given = node.get("header")
    match = re.fullmatch(r"([1-9]\d?)(?:-([1-9]\d?))?", given.value) if given and isinstance(given.value, str) else None
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    return (first, last) if match and 0 <= last - first <= 1 else None


def _entities(node: Node, place: str, parser: duckdb.DuckDBPyConnection, faults: Faults) -> tuple[EntityMapping, ...]:
    given = node.get("entities")
    if given is None or not isinstance(given.value, dict) or not given.value:
        faults.add(given or node, f"{place}.entities", f"expected one or more of {', '.join(ENTITIES)}, found none")
        return ()
    result = []
    for name, body in given.items():
        if name not in ENTITIES:
            faults.add(body, f"{place}.{name}", f"unknown entity; expected one of {', '.join(ENTITIES)}")
            continue
        for part, fields in enumerate(body.value if isinstance(body.value, list) else [body]):
            if not isinstance(fields.value, dict):
                faults.add(fields, name, "expected fields, found none")
            else:
                result.append(_entity(name, part, fields, parser, faults))
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
                faults.add(node, f"{name}.{key}", "expected an id that is read from a column, found a constant")
            fields += [parsed] if parsed else []
    for field in entity.fields:
        if field.required and field.name not in body:
            faults.add(body, f"{name}.{field.name}", "required field is not mapped")
    implied = body.get("implied")
    if implied is not None and implied.value not in ("true", "false"):
        faults.add(implied, f"{name}.implied", f"expected true or false, found {implied.value!r}")
    if implied is not None and implied.value == "true" and (entity.key is None or entity.key not in body):
        faults.add(implied, f"{name}.implied", "expected a mapped id: each id implies one row")
    rules = parse_rules(body.get("rules"), name, parser, faults)
    return EntityMapping(
        name,
        body.line,
        tuple(fields),
        rules,
        implied=implied is not None and implied.value == "true",
        where=parse_condition("where", body.get("where"), f"{name}.where", parser, faults),
        part=part,
    )
