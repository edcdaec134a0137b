"""Writes the drafted mapping as YAML text, with its doubts as comments."""

from __future__ import annotations

import glob
import json
import os
import re
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.currency import currency_of
from pipelines.ingest.draft.entities import find_entities
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.find_meanings import find_meanings
from pipelines.ingest.draft.ids import column_id
from pipelines.ingest.draft.meanings import Meanings
from pipelines.ingest.draft.table import Table, read_table
from pipelines.ingest.draft.templates.read import apply, recognise
from pipelines.messages import printable, without_contacts

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff_][\w\u4e00-\u9fff ./()-]*")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Draft:
    """A drafted mapping as YAML, and its doubts, one sentence each. `template`: the system and its files, if known."""

    text: str
    doubts: tuple[str, ...]
    template: str | None = None


@dataclass(frozen=True)
class _File:
    """The entry of one file. `keys`: keys of the entry beside its entities, such as `lookups`."""

    path: Path
    meanings: Meanings
    entities: dict[str, list[Fields]]
    keys: dict[str, Any] = field(default_factory=dict)


def draft_mapping(paths: Sequence[Path], home: Path, timezone: str, source: str | None = None) -> Draft:
    """Draft a mapping of the files of one system. Raises FileRefused if a file is no table.

    `home`: the folder of the mapping file. `timezone`: zone of times without offset. `source`: name of the source; by
    default the name of the first file.
    """
    paths = list({path.resolve(): path for path in paths}.values())
    tables = [(path, read_table(path)) for path in paths]
    root = Path(os.path.commonpath([path.resolve().parent for path in paths]))
    known, template = _by_template(tables, root)
    others = [(path, table) for path, table in tables if path not in known]
    customers = (
        _listed([_drafted(path, table, frozenset()) for path, table in others]) if len(others) > 1 else frozenset()
    )
    guessed = {path: _drafted(path, table, customers) for path, table in others}
    _doubt_unlisted(list(guessed.values()))
    drafted = [(known | guessed)[path] for path, _ in tables]
    doubts = []
    for file in drafted:
        doubts += [f"{file.path.name}: {doubt}" if len(paths) > 1 else doubt for doubt in file.meanings.doubts]
    currency, question = currency_of([file.meanings for file in drafted], timezone)
    doubts += [question] if question else []
    if not all(any("%z" in pattern for pattern in file.meanings.formats.values()) for file in drafted):
        doubts.append(
            f"times without offset are read in {timezone}, the zone of this home (TIERHOUSE_TIMEZONE): `timezone`"
        )
    doubts = list(dict.fromkeys(map(_comment, map(without_contacts, doubts))))
    lines = [
        "# Drafted from the file. Check it, then run `tierhouse check`. docs/sources.md explains the keys.",
        *([f"# Template: {template}"] if template else []),
        *(f"# Unsure: {doubt}" for doubt in doubts),
        f"source: {re.sub(r'[^a-z0-9]+', '_', (source or drafted[0].meanings.name).lower()).strip('_') or 'source'}",
        f"root: {_scalar(os.path.relpath(root, home.resolve()))}",
        f"timezone: {_scalar(timezone)}",
        *([f"currency: {currency}"] if currency else []),
        "history: true  # rows were known on the day they happened: right for a first load of the past",
        "files:",
    ]
    for file in drafted:
        lines += _entry(_path(file.path, root), file) if file.entities else []
    return Draft("\n".join(lines) + "\n", tuple(doubts), template)


def _by_template(tables: Sequence[tuple[Path, Table]], root: Path) -> tuple[dict[Path, _File], str | None]:
    """Return the files of a known system, and what was recognised."""
    found = recognise([table for _, table in tables])
    if found is None:
        return {}, None
    template, files = found
    known = [(path, table, file) for (path, table), file in zip(tables, files, strict=True) if file]
    others = {file["name"]: (_path(path, root), table) for path, table, file in known}
    result = {}
    for path, table, file in known:
        applied = apply(file, table, others)
        meanings = find_meanings(table, path.name.split(".")[0])
        meanings.doubts[:] = [*table.doubts, *applied.doubts]
        result[path] = _File(path, meanings, applied.entities, applied.keys)
    return result, f"{template.system} ({', '.join(others)})"


def _path(path: Path, root: Path) -> str:
    return glob.escape(str(path.resolve().relative_to(root)))


def _drafted(path: Path, table: Table, customers: Set[str]) -> _File:
    meanings = find_meanings(table, path.name.split(".")[0], customers)
    meanings.doubts[:0] = table.doubts
    return _File(path, meanings, find_entities(meanings))


def _listed(drafted: Sequence[_File]) -> Set[str]:
    """The ids of leads in lists of leads, without implied leads."""
    listed: set[str] = set()
    for meanings, entities in ((file.meanings, file.entities) for file in drafted):
        column = _id_column(meanings, entities)
        if column is not None and not entities["leads"][0].get("implied"):
            listed |= _ids(meanings, column)
    return listed


def _doubt_unlisted(drafted: Sequence[_File]) -> None:
    """Add a doubt for ids of implied leads that are in no list of leads. A listed lead takes precedence."""
    listed = _listed(drafted)
    for meanings, entities in ((file.meanings, file.entities) for file in drafted):
        column = _id_column(meanings, entities)
        if not listed or column is None or not entities["leads"][0].get("implied"):
            continue
        ids = _ids(meanings, column)
        if missing := len(ids - listed):
            consequence = ": are these ids of leads?" if 2 * missing > len(ids) else "; each becomes a lead"
            meanings.doubts.append(
                f"{column!r}: {missing:,} of its {len(ids):,} customers are in no list of leads{consequence}"
            )


def _id_column(meanings: Meanings, entities: dict[str, list[Fields]]) -> str | None:
    """The column with the ids of leads; None if the ids are made of other columns."""
    lead = entities.get("leads", [{}])[0].get("lead_id")
    columns = meanings.candidates.get("lead_id", []) + meanings.candidates.get("record_id", [])
    return next((column for column in columns if lead == column_id(meanings, column)), None)


def _ids(meanings: Meanings, column: str) -> set[str]:
    return {text.removesuffix(".0") for text in meanings.table.texts(column)}


def _entry(path: str, file: _File) -> list[str]:
    meanings, entities = file.meanings, file.entities
    lines = [
        f"  - path: {_scalar(path)}  # a * before the ending also reads later deliveries",
        *(f"    {key}: {_value(value)}" for key, value in (meanings.table.options | file.keys).items()),
        "    entities:",
    ]
    for name, parts in entities.items():
        lines.append(f"      {name}:")
        for part in parts:
            lines += _entity(name, part, listed=len(parts) > 1)
    mapped = json.dumps([entities, file.keys], ensure_ascii=False).replace('\\"', '"')
    rest = [column for column in meanings.table.columns if column not in mapped]
    return lines + ([f"# Stored, but in no field: {', '.join(map(_comment, rest))}"] if rest else [])


def _entity(name: str, fields: Fields, *, listed: bool) -> list[str]:
    order = ["where", "implied", "rules", *(field.name for field in ENTITIES[name].fields)]
    lines = [f"{key}: {_value(fields[key])}" for key in order if key in fields]
    indent = " " * (10 if listed else 8)
    return [f"{indent[:-2]}{'- ' if listed and not at else '  '}{line}" for at, line in enumerate(lines)]


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _scalar(str(value))


def _scalar(text: str) -> str:
    """The text as a YAML scalar, in double quotes if necessary."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _YAML_WORDS and text == text.strip():
        return text
    return yaml.dump(text, default_style='"', allow_unicode=True, width=sys.maxsize).removesuffix("\n")


def _comment(text: str) -> str:
    """The text as one line of a YAML comment."""
    return printable(" ".join(text.split()))
