"""Reads a mapping file: YAML → checked `SourceMapping`. All faults of a file are told at once, with line and place."""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.errors import Faults, MappingError, MappingFault
from pipelines.ingest.field_mapping import parse_field, parse_known_at, parse_rules
from pipelines.ingest.mapping import EntityMapping, FileMapping, SourceMapping
from pipelines.lined_yaml import Node, YamlFault, load_nodes

SOURCE_KEYS = ("source", "root", "timezone", "currency", "history", "quarantine_bar", "files")
FILE_KEYS = ("path", "format", "delimiter", "encoding", "header", "entities")
FORMATS = {".csv": "csv", ".txt": "csv", ".parquet": "parquet"}
ONLY = {"delimiter": ("csv",), "encoding": ("csv", "text"), "header": ("csv", "text")}


def load_mapping(path: Path) -> SourceMapping:
    """The mapping file as checked data. Raises MappingError that names file, line and field of every fault."""
    faults = Faults(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(path.name, [MappingFault(1, "file", f"cannot be read as UTF-8 text: {error}")]) from error
    try:
        root, twice = load_nodes(text)
    except YamlFault as fault:
        raise MappingError(path.name, [MappingFault(fault.line, fault.place, fault.problem)]) from fault
    faults.found += [MappingFault(fault.line, fault.place, fault.problem) for fault in twice]
    if not isinstance(root.value, dict):
        faults.add(root, "mapping", "expected keys such as source, root and files")
        faults.raise_if_any()
    _check_keys(root, SOURCE_KEYS, "mapping", faults)
    with duckdb.connect() as parser:
        mapping = _source(path, root, parser, faults)
    faults.raise_if_any()
    return mapping


def _source(path: Path, root: Node, parser: duckdb.DuckDBPyConnection, faults: Faults) -> SourceMapping:
    source = _text(root, "source", "source", faults, required=True)
    if source and not re.fullmatch(r"[a-z0-9_]+", source):
        faults.add(root.value["source"], "source", f"expected lower-case letters, digits and _, found {source!r}")
    history, known_at = parse_known_at(root.value.get("history"), parser, faults)
    return SourceMapping(
        mapping_file=path,
        source=source,
        root=_root(path, root, faults),
        timezone=_timezone(root, faults),
        currency=_text(root, "currency", "currency", faults),
        history=history,
        known_at=known_at,
        quarantine_bar=_share(root, "quarantine_bar", faults),
        files=tuple(_file(item, number, parser, faults) for number, item in enumerate(_files(root, faults), 1)),
    )


def _check_keys(node: Node, allowed: tuple[str, ...], place: str, faults: Faults) -> None:
    for key, value in node.items():
        if key not in allowed:
            faults.add(value, f"{place}.{key}", f"unknown key; expected one of {', '.join(allowed)}")


def _text(node: Node, key: str, place: str, faults: Faults, *, required: bool = False) -> str:
    found = node.value.get(key)
    if found is None or found.value is None:
        if required:
            faults.add(found or node, place, "expected a value, found nothing")
        return None if not required else ""
    if not isinstance(found.value, str):
        faults.add(found, place, "expected text, found a list or keys")
        return ""
    return found.value


def _root(path: Path, root: Node, faults: Faults) -> Path:
    text = _text(root, "root", "root", faults, required=True)
    expanded = os.path.expandvars(text)
    folder = (path.parent / Path(expanded).expanduser()).resolve() if "$" not in expanded else None
    if text and folder is None:
        faults.add(root.value["root"], "root", f"{text!r} names an environment variable that is not set")
    elif text and not folder.is_dir():
        faults.add(root.value["root"], "root", f"expected a folder, found nothing at {folder}")
    return folder or path.parent


def _timezone(root: Node, faults: Faults) -> str:
    name = _text(root, "timezone", "timezone", faults, required=True)
    try:
        ZoneInfo(name)
    except Exception:
        if name:
            faults.add(root.value["timezone"], "timezone", f"expected an IANA zone like Asia/Shanghai, found {name!r}")
    return name


def _share(root: Node, key: str, faults: Faults) -> float | None:
    text = _text(root, key, key, faults)
    try:
        share = None if text is None else float(text)
    except ValueError:
        share = -1.0
    if share is not None and not 0 <= share <= 1:
        faults.add(root.value[key], key, f"expected a share from 0 to 1, found {text!r}")
    return share


def _files(root: Node, faults: Faults) -> list[Node]:
    node = root.value.get("files")
    if node is None or not isinstance(node.value, list) or not node.value:
        faults.add(node or root, "files", "expected a list of files, found none")
        return []
    return node.value


def _file(node: Node, number: int, parser: duckdb.DuckDBPyConnection, faults: Faults) -> FileMapping:
    place = f"files[{number}]"
    if not isinstance(node.value, dict):
        faults.add(node, place, "expected keys such as path and entities")
        return FileMapping("", node.line, (), "csv")
    _check_keys(node, FILE_KEYS, place, faults)
    path = _text(node, "path", f"{place}.path", faults, required=True)
    if Path(path).is_absolute() or ".." in Path(path).parts:
        faults.add(node.value["path"], f"{place}.path", f"expected a path below the root, found {path!r}")
    suffix = Path(path.removesuffix(".gz")).suffix.lower()
    form = _text(node, "format", f"{place}.format", faults) or FORMATS.get(suffix)
    if form not in ("csv", "text", "parquet") and path:
        faults.add(node, f"{place}.path", f"expected a name ending in .csv, .txt or .parquet (or .gz), found {path!r}")
    for key, formats in ONLY.items():
        if key in node and form not in formats:
            faults.add(node.value[key], f"{place}.{key}", f"has no meaning for {form} files")
    encoding = _text(node, "encoding", f"{place}.encoding", faults) or "utf-8"
    try:
        codecs.lookup(encoding)
    except LookupError:
        faults.add(
            node.value["encoding"], f"{place}.encoding", f"expected an encoding like gb18030, found {encoding!r}"
        )
    delimiter = _text(node, "delimiter", f"{place}.delimiter", faults) or ","
    delimiter = "\t" if delimiter == "\\t" else delimiter
    if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
        faults.add(node.value["delimiter"], f"{place}.delimiter", f"expected one character, found {delimiter!r}")
    entities = _entities(node, place, parser, faults)
    return FileMapping(path, node.line, entities, form or "csv", delimiter, encoding, _header(node, place, faults))


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
        elif not isinstance(body.value, dict):
            faults.add(body, name, "expected fields, found none")
        else:
            result.append(_entity(name, body, parser, faults))
    return tuple(result)


def _entity(name: str, body: Node, parser: duckdb.DuckDBPyConnection, faults: Faults) -> EntityMapping:
    entity = ENTITIES[name]
    known = {field.name: field for field in entity.fields}
    fields = []
    for key, node in body.items():
        if key in ("rules", "implied"):
            continue
        if key not in known:
            faults.add(node, f"{name}.{key}", f"unknown field; {name} has {', '.join(known)}")
        else:
            parsed = parse_field(known[key], node, f"{name}.{key}", parser, faults)
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
    return EntityMapping(name, body.line, tuple(fields), rules, implied is not None and implied.value == "true")
