"""Drafts look-ups: a payment has only the id of a deal, a deal that of an account, and other files have the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from pipelines.ingest.draft.contents import ENOUGH
from pipelines.ingest.draft.entities import find_entities
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.files.drafted import DraftedFile, are_mostly, id_column, ids_in, listed_leads
from pipelines.ingest.draft.find_meanings import find_meanings
from pipelines.ingest.draft.words.vocabulary import normal

_ID = re.compile(r"(.*?)( (record|name))?( (id|ids|no|number|code|ref|reference|key))|(.+?)(编号|编码|号|id)")
_OF_ANY_FILE = {"", "record", "row", "line", "unique", "internal", "source"}
PERSON = ("phone", "email", "full_name")


@dataclass(frozen=True)
class _LookUp:
    """A look-up in another file: `column` of the file has the values of `key` there."""

    name: str
    file: DraftedFile
    column: str
    key: str


def with_lookups(files: Sequence[DraftedFile], path_of: Callable[[DraftedFile], str]) -> list[DraftedFile]:
    """Return the files; those with deals or events but without a known customer get it from other files if possible."""
    listed = listed_leads(files)
    return [_linked(file, files, listed, path_of) if _needs_customer(file, listed) else file for file in files]


def _needs_customer(file: DraftedFile, listed: Set[str]) -> bool:
    if not file.meanings.has("event_at") or any(map(file.meanings.has, PERSON)):
        return False
    return (column := id_column(file)) is None or not _are_leads(file, column, listed)


def _are_leads(file: DraftedFile, column: str, listed: Set[str]) -> bool:
    return not listed or are_mostly(ids_in(file, column), listed)


def _linked(
    file: DraftedFile, files: Sequence[DraftedFile], listed: Set[str], path_of: Callable[[DraftedFile], str]
) -> DraftedFile:
    found = next(_chains(file, [other for other in files if other is not file], listed), None)
    if found is None:
        return file
    lookups, lead = found
    customer = f"{lookups[-1].name}.{lead}"
    values = _customers(file, lookups, lead)
    table = file.meanings.table
    joined = replace(
        table,
        columns=(*table.columns, customer),
        rows=tuple((*row, value) for row, value in zip(table.rows, values, strict=True)),
    )
    meanings = find_meanings(joined, file.meanings.name)
    meanings.doubts[:0] = table.doubts
    meanings.columns["lead_id"], meanings.candidates["lead_id"] = customer, [customer]
    entities = find_entities(meanings)
    entities.pop("leads", None)  # The other files have the leads.
    if not entities:
        return file
    missing = values.count(None)
    others = " and ".join(lookup.file.path.name for lookup in lookups)
    meanings.doubts.append(
        f"{lookups[0].column!r} is looked up in {others}, and {lead!r} there is the customer (`lookups`)"
        + (f"; {missing:,} lines without one will be quarantined" if missing else "")
    )
    with_amounts = [lookup.file.path.name for lookup in lookups if "transactions" in lookup.file.entities]
    if "transactions" in entities and with_amounts:
        meanings.doubts.append(
            f"{with_amounts[0]} also has amounts: if these are of the same deals, remove the transactions of one file"
        )
    return DraftedFile(file.path, meanings, entities, _keys(lookups, entities, path_of))


def _keys(
    lookups: Sequence[_LookUp], entities: dict[str, list[Fields]], path_of: Callable[[DraftedFile], str]
) -> dict[str, Any]:
    """Return the keys of the entry: the look-ups, and `ignore` for lines that fill no entity any more."""
    written, start = {}, ""
    for lookup in lookups:
        written[lookup.name] = {"in": path_of(lookup.file), "on": {f"{start}{lookup.column}": lookup.key}}
        start = f"{lookup.name}."
    keys: dict[str, Any] = {"lookups": written}
    parts = [part for listed in entities.values() for part in listed]
    if len(parts) == 1 and "where" in parts[0]:
        keys["ignore"] = f"({parts[0].pop('where')}) IS NOT TRUE"
    return keys


def _chains(file: DraftedFile, others: Sequence[DraftedFile], listed: Set[str]) -> Iterator[tuple[list[_LookUp], str]]:
    """Yield look-ups to an id of a lead, the short ones first, each with the last column."""
    leads = {
        id(other): column for other in others if (column := id_column(other)) and _are_leads(other, column, listed)
    }
    first = [link for other in others for link in _links(file, other)]
    for link in first:
        if id(link.file) in leads:
            yield [link], leads[id(link.file)]
    for link in first:
        for other in others:
            for second in _links(link.file, other) if other is not link.file else ():
                if id(other) in leads and second.name != link.name:
                    yield [link, second], leads[id(other)]


def _links(file: DraftedFile, other: DraftedFile) -> Iterator[_LookUp]:
    """Yield the columns that have ids of the other file, by their names and values."""
    for column, key in product(file.meanings.table.columns, other.meanings.table.columns):
        thing = _thing(column)
        if thing is None or not _is_key_of(thing, key, other.meanings.name):
            continue
        ids, keys = file.meanings.table.texts(column), set(other.meanings.table.texts(key))
        if ids and sum(text in keys for text in ids) >= ENOUGH * len(ids):
            yield _LookUp(re.sub("[^a-z0-9]+", "_", thing) if thing.isascii() else "other", other, column, key)


def _thing(column: str) -> str | None:
    """What a column has the id of: `deal` for Deal ID, 合同 for 合同编号; None if it has no id or that of any file."""
    match = _ID.fullmatch(normal(re.sub(r"([a-z])([A-Z])", r"\1 \2", column)))
    thing = ((match[1] or match[6] or "") if match else "").strip()
    return None if thing in _OF_ANY_FILE or not thing[0].isalpha() else thing


def _is_key_of(thing: str, key: str, name: str) -> bool:
    """Whether the key can be the id of the thing: by its own name, or as the id of a file with that name."""
    own = _thing(key)
    if own is not None:
        return own == thing
    # Opportunity ID is the id of opportunities.csv.
    of_file = any(word.startswith(thing[:-1] if len(thing) > 4 else thing) for word in normal(name).split())
    return (
        of_file
        and re.fullmatch(r"((record|row|unique|internal) )?(id|no|number|key)|编号|序号", normal(key)) is not None
    )


def _customers(file: DraftedFile, lookups: Sequence[_LookUp], lead: str) -> list[str | None]:
    """The customer of each line. Of several lines with a key the last one counts."""
    at = file.meanings.table.columns.index(lookups[0].column)
    values = [row[at] for row in file.meanings.table.rows]
    for lookup, wanted in zip(lookups, [*(lookup.column for lookup in lookups[1:]), lead], strict=True):
        table = lookup.file.meanings.table
        key, value = table.columns.index(lookup.key), table.columns.index(wanted)
        found = {row[key]: row[value] for row in table.rows if row[key] is not None}
        values = [None if text is None else found.get(text) for text in values]
    return values
