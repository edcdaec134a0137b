"""The drafted mapping as YAML text, with what is unsure as comments."""

from __future__ import annotations

import glob
import json
import os
import re
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.currency import currency_of
from pipelines.ingest.draft.entities import find_entities
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.ids import column_id
from pipelines.ingest.draft.meaning import Meanings, find_meanings
from pipelines.ingest.draft.table import Table, read_table
from pipelines.messages import printable, without_contacts

_PLAIN = re.compile(r"[A-Za-z\u4e00-\u9fff_][\w\u4e00-\u9fff ./()-]*")
_YAML_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


@dataclass(frozen=True)
class Draft:
    """A mapping to correct, as YAML, and what it is unsure about."""

    text: str
    doubts: tuple[str, ...]


def draft_mapping(paths: Sequence[Path], home: Path, timezone: str, source: str | None = None) -> Draft:
    """A mapping of files of one system, for a mapping file that will lie in `home`. Raises FileRefused for no table.

    `timezone`: zone of times without offset. `source`: what the source will be called; if not given, as the first file.
    """
    paths = list({path.resolve(): path for path in paths}.values())
    tables = [(path, read_table(path)) for path in paths]
    customers = (
        _listed([_drafted(path, table, frozenset()) for path, table in tables]) if len(paths) > 1 else frozenset()
    )
    drafted = [_drafted(path, table, customers) for path, table in tables]
    _doubt_unlisted(drafted)
    doubts = []
    for path, found, _ in drafted:
        doubts += [f"{path.name}: {doubt}" if len(paths) > 1 else doubt for doubt in found.doubts]
    currency, question = currency_of([found for _, found, _ in drafted], timezone)
    doubts += [question] if question else []
    if not all(any("%z" in pattern for pattern in found.formats.values()) for _, found, _ in drafted):
        doubts.append(
            f"times without offset are read as {timezone}, the zone of this home (TIERHOUSE_TIMEZONE): `timezone`"
        )
    doubts = list(dict.fromkeys(map(_comment, map(without_contacts, doubts))))
    root = Path(os.path.commonpath([path.resolve().parent for path in paths]))
    lines = [
        "# Drafted from the file: look it over, then run `tierhouse check`. docs/sources.md explains the keys.",
        *(f"# Unsure: {doubt}" for doubt in doubts),
        f"source: {re.sub(r'[^a-z0-9]+', '_', (source or drafted[0][1].name).lower()).strip('_') or 'source'}",
        f"root: {_scalar(os.path.relpath(root, home.resolve()))}",
        f"timezone: {_scalar(timezone)}",
        *([f"currency: {currency}"] if currency else []),
        "history: true  # rows were known when they happened: right for a first load of the past",
        "files:",
    ]
    for path, found, entities in drafted:
        lines += _file(str(path.resolve().relative_to(root)), found, entities)
    return Draft("\n".join(lines) + "\n", tuple(doubts))


def _drafted(path: Path, table: Table, customers: Set[str]) -> tuple[Path, Meanings, dict[str, list[Fields]]]:
    found = find_meanings(table, path.name.split(".")[0], customers)
    found.doubts[:0] = table.doubts
    return path, found, find_entities(found)


def _listed(drafted: Sequence[tuple[Path, Meanings, dict[str, list[Fields]]]]) -> Set[str]:
    """The ids of leads that are listed, not only implied."""
    listed: set[str] = set()
    for _, found, entities in drafted:
        column = _id_column(found, entities)
        if column is not None and not entities["leads"][0].get("implied"):
            listed |= _ids(found, column)
    return listed


def _doubt_unlisted(drafted: Sequence[tuple[Path, Meanings, dict[str, list[Fields]]]]) -> None:
    """Ids of leads that lines imply and no file lists are a doubt. Their leads stay: a listed lead goes before them."""
    listed = _listed(drafted)
    for _, found, entities in drafted:
        column = _id_column(found, entities)
        if not listed or column is None or not entities["leads"][0].get("implied"):
            continue
        ids = _ids(found, column)
        if missing := len(ids - listed):
            consequence = (
                ": are these the ids of leads?" if 2 * missing > len(ids) else "; each becomes a lead by its lines"
            )
            found.doubts.append(
                f"{column!r}: {missing:,} of its {len(ids):,} customers are in no list of leads{consequence}"
            )


def _id_column(found: Meanings, entities: dict[str, list[Fields]]) -> str | None:
    """The column of a file that holds the ids of leads; None where they are made of other columns."""
    lead = entities.get("leads", [{}])[0].get("lead_id")
    columns = found.candidates.get("lead_id", []) + found.candidates.get("record_id", [])
    return next((column for column in columns if lead == column_id(found, column)), None)


def _ids(found: Meanings, column: str) -> set[str]:
    return {text.removesuffix(".0") for text in found.table.texts(column)}


def _file(path: str, found: Meanings, entities: dict[str, list[Fields]]) -> list[str]:
    lines = [
        f"  - path: {_scalar(glob.escape(path))}  # with a * before the ending it reads later deliveries too",
        *(f"    {key}: {_value(value)}" for key, value in found.table.options.items()),
        "    entities:",
    ]
    for name, parts in entities.items():
        lines.append(f"      {name}:")
        for part in parts:
            lines += _entity(name, part, listed=len(parts) > 1)
    mapped = json.dumps(entities, ensure_ascii=False).replace('\\"', '"')
    rest = [column for column in found.table.columns if column not in mapped]
    return lines + ([f"# Kept, but filling no field: {', '.join(map(_comment, rest))}"] if rest else [])


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
    """The text plain where YAML reads it as it stands, else in double quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _YAML_WORDS and text == text.strip():
        return text
    return yaml.dump(text, default_style='"', allow_unicode=True, width=sys.maxsize).removesuffix("\n")


def _comment(text: str) -> str:
    """The text in one line that a YAML reader skips, whatever stands in it."""
    return printable(" ".join(text.split()))
