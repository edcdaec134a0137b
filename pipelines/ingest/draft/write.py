"""The drafted mapping as YAML text, with what is unsure as comments."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.entities import Fields, find_entities
from pipelines.ingest.draft.meaning import Meanings, find_meanings
from pipelines.ingest.draft.table import read_table

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff_][\w\u4e00-\u9fff ./()-]*")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Draft:
    """A mapping to correct, as YAML, and what it is unsure about."""

    text: str
    doubts: tuple[str, ...]


def draft_mapping(path: Path, home: Path, source: str | None = None) -> Draft:
    """A mapping of one file, for a mapping file that will lie in `home`. Raises FileRefused for what is no table.

    `source`: what the source will be called; if not given, as the file is.
    """
    found = find_meanings(read_table(path))
    entities = find_entities(found)
    chinese = any("\u4e00" <= letter <= "\u9fff" for column in found.table.columns for letter in column)
    if not any("%z" in (pattern or "") for pattern in found.formats.values()):
        found.doubts.append(f"times are taken to be those of {'Asia/Shanghai' if chinese else 'UTC'}: `timezone`")
    doubts = tuple(dict.fromkeys(found.doubts))
    lines = [
        "# Drafted from the file: look it over, then run `tierhouse check`. docs/sources.md explains the keys.",
        *(f"# Unsure: {doubt}" for doubt in doubts),
        f"source: {re.sub(r'[^a-z0-9]+', '_', (source or _stem(path)).lower()).strip('_') or 'source'}",
        f"root: {_scalar(os.path.relpath(path.resolve().parent, home.resolve()))}",
        f"timezone: {'Asia/Shanghai' if chinese else 'UTC'}",
        *(["currency: CNY"] if chinese else []),
        "history: true  # rows were known when they happened: right for a first load of the past",
        "files:",
        f"  - path: {_scalar(path.name)}  # with a * before the ending it reads later deliveries too",
        *(f"    {key}: {_value(value)}" for key, value in found.table.options.items()),
        "    entities:",
    ]
    for name, parts in entities.items():
        lines.append(f"      {name}:")
        for part in parts:
            lines += _entity(name, part, listed=len(parts) > 1)
    lines += _left_over(found, entities)
    return Draft("\n".join(lines) + "\n", doubts)


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _entity(name: str, fields: Fields, *, listed: bool) -> list[str]:
    order = ["where", "implied", *(field.name for field in ENTITIES[name].fields)]
    lines = [f"{key}: {_value(fields[key])}" for key in order if key in fields]
    indent = " " * (10 if listed else 8)
    return [f"{indent[:-2]}{'- ' if listed and not at else '  '}{line}" for at, line in enumerate(lines)]


def _left_over(found: Meanings, entities: dict[str, list[Fields]]) -> list[str]:
    told = json.dumps(entities, ensure_ascii=False)
    rest = [column for column in found.table.columns if column not in told]
    return [f"# Kept, but filling no field: {', '.join(rest)}"] if rest else []


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(str(key))}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _scalar(str(value))


def _scalar(text: str) -> str:
    """The text plain where YAML reads it as it stands, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _YAML_WORDS and text == text.strip():
        return text
    return json.dumps(text, ensure_ascii=False)
