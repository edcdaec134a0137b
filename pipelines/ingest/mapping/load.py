"""Reads a mapping file: YAML → checked `SourceMapping`. Reports all faults of a file at once, with line and place."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipelines.home.lined_yaml import MAX_BYTES, Node, YamlFault, load_nodes
from pipelines.ingest.errors import Faults, MappingError, MappingFault
from pipelines.ingest.mapping.field_mapping import parse_known_at
from pipelines.ingest.mapping.file_entry import check_keys, parse_file, required_text, text_of
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.rules.currencies import iso_currency

SOURCE_KEYS = ("source", "root", "timezone", "currency", "history", "quarantine_bar", "files")


def load_mapping(path: Path) -> SourceMapping:
    """Read and check a mapping file. Raises MappingError, which names file, line and field of each fault."""
    faults = Faults(path.name)
    try:
        if path.exists() and not path.is_file():
            raise MappingError(path.name, [MappingFault(1, "file", "expected a file, found a folder, pipe or device")])
        with path.open("rb") as stream:
            text = stream.read(MAX_BYTES + 1).decode("utf-8-sig")
    except OSError as error:
        raise MappingError(path.name, [MappingFault(1, "file", f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise MappingError(path.name, [MappingFault(1, "file", f"cannot be read as UTF-8 text: {error}")]) from error
    try:
        root, duplicates = load_nodes(text)
    except YamlFault as fault:
        raise MappingError(path.name, [MappingFault(fault.line, fault.place, fault.problem)]) from fault
    faults.found += [MappingFault(fault.line, fault.place, fault.problem) for fault in duplicates]
    if not isinstance(root.value, dict):
        faults.add(root, "mapping", "expected keys such as source, root and files")
        faults.raise_if_any()
    check_keys(root, SOURCE_KEYS, "mapping", faults)
    with duckdb.connect() as parser:
        mapping = _source(path, root, parser, faults)
    faults.raise_if_any()
    return mapping


def _source(path: Path, root: Node, parser: duckdb.DuckDBPyConnection, faults: Faults) -> SourceMapping:
    source = required_text(root, "source", "source", faults)
    if source and not re.fullmatch(r"[a-z0-9_]+", source):
        faults.add(root["source"], "source", f"expected lower-case letters, digits and _, found {source!r}")
    files = tuple(parse_file(item, number, parser, faults) for number, item in enumerate(_files(root, faults), 1))
    _check_lookups(files, faults)
    history, known_at = parse_known_at(root.get("history"), parser, faults)
    return SourceMapping(
        mapping_file=path,
        source=source,
        root=_root(path, root, faults),
        timezone=_timezone(root, faults),
        currency=_currency(root, faults),
        history=history,
        known_at=known_at,
        quarantine_bar=_share(root, "quarantine_bar", faults),
        files=files,
    )


def _check_lookups(files: Sequence[FileMapping], faults: Faults) -> None:
    """Record a fault for each look-up in files that no entry reads."""
    paths = [file.path for file in files]
    for number, file in enumerate(files, 1):
        for lookup in file.lookups:
            if lookup.path not in paths or lookup.path == file.path:
                message = f"expected the path of another entry of files, found {lookup.path!r}"
                faults.add(Node(None, lookup.line), f"files[{number}].lookups.{lookup.name}.in", message)


def _root(path: Path, root: Node, faults: Faults) -> Path:
    text = required_text(root, "root", "root", faults)
    expanded = os.path.expandvars(text)
    if "$" in expanded:
        faults.add(root["root"], "root", f"{text!r} names an environment variable that is not set")
        return path.parent
    try:
        folder = (path.parent / Path(expanded).expanduser()).resolve()
        is_folder = folder.is_dir()
    except (OSError, RuntimeError, ValueError):  # a link to itself, an unknown ~user, a zero byte
        folder, is_folder = path.parent, False
    if text and not is_folder:
        # The value of an environment variable must not reach a log.
        shown = text if "$" in text else folder
        faults.add(root["root"], "root", f"expected a folder, found nothing at {shown}")
    return folder


def _timezone(root: Node, faults: Faults) -> str:
    name = required_text(root, "timezone", "timezone", faults)
    try:
        ZoneInfo(name)
    except Exception:
        if name:
            faults.add(root["timezone"], "timezone", f"expected an IANA zone like Asia/Shanghai, found {name!r}")
    return name


def _currency(root: Node, faults: Faults) -> str | None:
    text = text_of(root, "currency", "currency", faults)
    code = iso_currency(text) if text else None
    if text and code is None:
        faults.add(root["currency"], "currency", f"expected a currency of ISO 4217 such as CNY, found {text!r}")
    return code


def _share(root: Node, key: str, faults: Faults) -> float | None:
    text = text_of(root, key, key, faults)
    try:
        share = None if text is None else float(text)
    except ValueError:
        share = -1.0
    if share is not None and not 0 <= share <= 1:
        faults.add(root[key], key, f"expected a share from 0 to 1, found {text!r}")
    return share


def _files(root: Node, faults: Faults) -> list[Node]:
    node = root.get("files")
    if node is None or not isinstance(node.value, list) or not node.value:
        faults.add(node or root, "files", "expected a list of files, found none")
        return []
    return node.value
