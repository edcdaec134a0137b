"""Writes the drafted mapping as YAML text, with its doubts as comments."""

from __future__ import annotations

import glob
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.currency import currency_of
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.files.drafted import DraftedFile, doubt_unlisted, draft_file, listed_leads
from pipelines.ingest.draft.files.lookups import with_lookups
from pipelines.ingest.draft.find_meanings import find_meanings
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
    guessed = _guessed(others, root)
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


def _by_template(tables: Sequence[tuple[Path, Table]], root: Path) -> tuple[dict[Path, DraftedFile], str | None]:
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
        result[path] = DraftedFile(path, meanings, applied.entities, applied.keys)
    return result, f"{template.system} ({', '.join(others)})"


def _guessed(tables: Sequence[tuple[Path, Table]], root: Path) -> dict[Path, DraftedFile]:
    """Return the files of an unknown system."""
    if len(tables) < 2:
        return {path: draft_file(path, table, frozenset()) for path, table in tables}
    customers = listed_leads([draft_file(path, table, frozenset()) for path, table in tables])
    files = [draft_file(path, table, customers) for path, table in tables]
    files = with_lookups(files, lambda file: _path(file.path, root))
    doubt_unlisted(files)
    return {file.path: file for file in files}


def _path(path: Path, root: Path) -> str:
    return glob.escape(str(path.resolve().relative_to(root)))


def _entry(path: str, file: DraftedFile) -> list[str]:
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
