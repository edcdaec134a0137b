"""Templates of known systems: the mapping of their standard exports, recognised by the columns of the files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines.home.sql import identifier
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.table import Table
from pipelines.ingest.draft.templates.written import state_formats

FOLDER = Path(__file__).parent
QUOTED = re.compile(r'"([^"]+)"')
ONLY = ("with_file", "without_file")
"""Keys of a file or a part of an entity: it counts only if that other file of the system is there, or is not."""


@dataclass(frozen=True)
class Applied:
    """The entry of one file: `entities` as the draft writes them, and further keys such as `lookups` and `ignore`.

    Without entities the file is left out of the mapping, and `doubts` says why.
    """

    entities: dict[str, list[Fields]]
    keys: dict[str, Any]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A known system. `files`: its files as YAML, each with `name`, `columns` that identify it, and `entities`."""

    system: str
    files: tuple[dict[str, Any], ...]


@cache
def templates() -> tuple[Template, ...]:
    """Return all templates, ordered by the name of their file."""
    # The base loader reads `on` and `true` as text.
    read = [yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) for path in sorted(FOLDER.glob("*.yml"))]
    return tuple(Template(content["system"], tuple(content["files"])) for content in read)


def recognise(tables: Sequence[Table]) -> tuple[Template, list[dict[str, Any] | None]] | None:
    """Return the template that recognises most files, and the file of the template for each table. None without one."""
    best, most = None, 0
    for template in templates():
        found = [_file_of(template, table) for table in tables]
        named = [file["name"] for file in found if file]
        if len(named) > most and len(set(named)) == len(named):
            best, most = (template, found), len(named)
    return best


def apply(file: dict[str, Any], table: Table, others: Mapping[str, tuple[str, Table]]) -> Applied:
    """Return the entry of a recognised file. `others`: path and table of the recognised files by their name."""
    if not _counts(file, others):
        return Applied({}, {}, (f"{file['name']} is left out, because {file['without_file']} has the same deals",))
    names = {_plain(column): column for column in table.columns}
    lookups = {}
    for name, lookup in file.get("lookups", {}).items():
        (own, key), other = next(iter(lookup["on"].items())), others.get(lookup["in"])
        there = {_plain(column): column for column in other[1].columns} if other else {}
        if other and _plain(own) in names and _plain(key) in there:
            lookups[name] = {"in": other[0], "on": {names[_plain(own)]: there[_plain(key)]}}
            names |= {_plain(f"{name}.{column}"): f"{name}.{column}" for column in other[1].columns}
    entities: dict[str, list[Fields]] = {}
    for entity, given in file["entities"].items():
        for part in given if isinstance(given, list) else [given]:
            if _counts(part, others) and (fields := _part(entity, part, names)):
                entities.setdefault(entity, []).append(fields)
    of_contract = [
        (part, name, ENTITIES[entity].field(name).type)
        for entity, parts in entities.items()
        for part in parts
        for name in part
        if name not in ("where", "implied")
    ]
    doubts = state_formats(of_contract, table)
    used = {name.partition(".")[0] for text in _texts([entities, file.get("ignore")]) for name in _named(text, names)}
    kept = _used_lookups(lookups, used | set(_starts(entities)))
    keys: dict[str, Any] = {"lookups": kept} if kept else {}
    if (ignore := _expression(file.get("ignore"), names)) is not None:
        keys["ignore"] = ignore
    return Applied(entities, keys, (*doubts, *_unknown_words(file, table, names)))


def _unknown_words(file: dict[str, Any], table: Table, names: Mapping[str, str]) -> Iterator[str]:
    """Yield doubts about states that the template does not know. A text can name a person, so none is shown."""
    parts = [one for given in file["entities"].values() for one in (given if isinstance(given, list) else [given])]
    specs = [
        spec
        for one in parts
        for spec in (one["status"] if isinstance(one.get("status"), list) else [one.get("status")])
    ]
    states = {spec["words"]: list(spec["codes"]) for spec in specs if isinstance(spec, dict) and "codes" in spec}
    for column, words, meaning in [
        *((name, words, "they are kept, and count as open") for name, words in states.items()),
        *((name, words, "their lines are ignored") for name, words in file.get("stages", {}).items()),
    ]:
        if own := names.get(_plain(column)):
            known = {word.casefold() for word in words}
            unknown = {text for text in table.texts(own) if text.casefold() not in known}
            if unknown:
                texts = "1 text" if len(unknown) == 1 else f"{len(unknown):,} texts"
                yield f"{own!r} has {texts} unknown to the template: {meaning} until the mapping translates them"


def _used_lookups(lookups: dict[str, Any], used: set[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name in reversed(lookups):
        if name in used:
            kept[name] = lookups[name]
            used |= {column.partition(".")[0] for column in lookups[name]["on"]}
    return dict(reversed(kept.items()))


def _starts(entities: Mapping[str, Sequence[Fields]]) -> list[str]:
    columns = [
        spec if isinstance(spec, str) else spec.get("column", "")
        for parts in entities.values()
        for part in parts
        for spec in part.values()
        if isinstance(spec, (str, dict))
    ]
    return [column.partition(".")[0] for column in columns]


def _counts(spec: Mapping[str, Any], others: Mapping[str, object]) -> bool:
    with_file, without_file = (spec.get(key) for key in ONLY)
    return (with_file is None or with_file in others) and (without_file is None or without_file not in others)


def _file_of(template: Template, table: Table) -> dict[str, Any] | None:
    columns = {_plain(column) for column in table.columns}
    fitting = [file for file in template.files if {_plain(name) for name in file["columns"]} <= columns]
    return max(fitting, key=lambda file: len(file["columns"]), default=None)


def _part(entity: str, part: Mapping[str, Any], names: Mapping[str, str]) -> Fields:
    """Return the fields of a part; none if a required field or its condition has no column."""
    fields: Fields = {}
    for name, spec in part.items():
        if name in ONLY:
            continue
        if name in ("where", "implied"):
            value = _expression(spec, names) if name == "where" else spec == "true"
        else:
            value = _field(spec, names)
        if value is not None:
            fields[name] = value
    is_whole = all(field.name in fields for field in ENTITIES[entity].fields if field.required)
    return fields if is_whole and ("where" in fields or "where" not in part) else {}


def _field(spec: Any, names: Mapping[str, str]) -> Any:
    """Return a field with the names of the file; None if a column that it needs is missing."""
    if isinstance(spec, str):
        return names.get(_plain(spec))
    if isinstance(spec, list):
        return next((found for one in spec if (found := _field(one, names)) is not None), None)
    if "value" in spec:
        return spec
    if "codes" in spec:
        return _words(spec, names)
    if "first" in spec:
        there = [names[_plain(name)] for name in spec["first"] if _plain(name) in names]
        if len(there) < 2:
            return there[0] if there else None
        return {"expr": f"coalesce({', '.join(map(identifier, there))})"}
    if "join" in spec:
        there = [names[_plain(name)] for name in spec["join"] if _plain(name) in names]
        if len(there) < 2:
            return there[0] if there else None
        return {"expr": f"concat_ws('{spec['by']}', {', '.join(map(identifier, there))})"}
    if "expr" in spec:
        text = _expression(spec["expr"], names)
        return None if text is None else {**spec, "expr": text}
    column = names.get(_plain(spec["column"]))
    return None if column is None else {**spec, "column": column}


def _words(spec: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    """Known words as codes. Unknown words are kept, or become `else`."""
    source = _field({"first": spec["first"]} if "first" in spec else spec["words"], names)
    if source is None:
        return None
    column = identifier(source) if isinstance(source, str) else source["expr"]
    pairs = ", ".join(f"'{_escaped(word.casefold())}': '{code}'" for word, code in spec["codes"].items())
    other = column if "else" not in spec else "NULL" if spec["else"] == "null" else f"'{spec['else']}'"
    code = f"map {{{pairs}}}[lower({column})]"
    return {"expr": code if other == "NULL" else f"coalesce({code}, {other})"}


def _expression(text: str | None, names: Mapping[str, str]) -> str | None:
    """Return SQL with the names of the file; None if a column is missing."""
    if text is None or any(_plain(name) not in names for name in QUOTED.findall(text)):
        return None
    return QUOTED.sub(lambda match: identifier(names[_plain(match[1])]), text)


def _named(text: str, names: Mapping[str, str]) -> list[str]:
    return [name for name in QUOTED.findall(text) if name in names.values()]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _plain(name: str) -> str:
    """Return a name as it is compared: APIs write Closing_Date, exports write Closing Date."""
    return re.sub(r"[\s_]+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()


def _escaped(text: str) -> str:
    return text.replace("'", "''")
