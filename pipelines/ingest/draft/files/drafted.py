"""The draft of one file, and the ids of its leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.ingest.draft.entities import find_entities
from pipelines.ingest.draft.fields import Fields
from pipelines.ingest.draft.find_meanings import find_meanings
from pipelines.ingest.draft.ids import column_id
from pipelines.ingest.draft.meanings import Meanings
from pipelines.ingest.draft.table import Table


@dataclass(frozen=True)
class DraftedFile:
    """The entry of one file. `keys`: keys of the entry beside its entities, such as `lookups`."""

    path: Path
    meanings: Meanings
    entities: dict[str, list[Fields]]
    keys: dict[str, Any] = field(default_factory=dict)


def draft_file(path: Path, table: Table, customers: Set[str]) -> DraftedFile:
    """Draft the entry of a file. `customers`: ids of the leads that other files list."""
    meanings = find_meanings(table, path.name.split(".")[0], customers)
    meanings.doubts[:0] = table.doubts
    of_leads = [
        column
        for column in meanings.candidates.get("lead_id", ())
        if are_mostly(texts_as_ids(table.texts(column)), customers)
    ]
    if of_leads:
        meanings.columns["lead_id"], meanings.candidates["lead_id"] = of_leads[0], of_leads
    return DraftedFile(path, meanings, find_entities(meanings))


def listed_leads(files: Sequence[DraftedFile]) -> Set[str]:
    """The ids of leads in lists of leads, without implied leads."""
    listed: set[str] = set()
    for file in files:
        column = id_column(file)
        if column is not None and not file.entities["leads"][0].get("implied"):
            listed |= ids_in(file, column)
    return listed


def doubt_unlisted(files: Sequence[DraftedFile]) -> None:
    """Add a doubt for ids of implied leads that are in no list of leads. A listed lead takes precedence."""
    listed = listed_leads(files)
    for file in files:
        column = id_column(file)
        if not listed or column is None or not file.entities["leads"][0].get("implied"):
            continue
        ids = ids_in(file, column)
        if missing := len(ids - listed):
            consequence = ": are these ids of leads?" if 2 * missing > len(ids) else "; each becomes a lead"
            file.meanings.doubts.append(
                f"{column!r}: {missing:,} of its {len(ids):,} customers are in no list of leads{consequence}"
            )


def id_column(file: DraftedFile) -> str | None:
    """The column with the ids of leads; None if the ids are made of other columns."""
    meanings = file.meanings
    lead = file.entities.get("leads", [{}])[0].get("lead_id")
    columns = meanings.candidates.get("lead_id", []) + meanings.candidates.get("record_id", [])
    return next((column for column in columns if lead == column_id(meanings, column)), None)


def ids_in(file: DraftedFile, column: str) -> set[str]:
    """The distinct ids of a column."""
    return texts_as_ids(file.meanings.table.texts(column))


def texts_as_ids(texts: Iterable[str]) -> set[str]:
    """The distinct texts, without the .0 that a spreadsheet adds to numbers."""
    return {text.removesuffix(".0") for text in texts}


def are_mostly(ids: Set[str], known: Set[str]) -> bool:
    """Whether at least half of the ids are known."""
    return 2 * len(ids & known) >= len(ids)
