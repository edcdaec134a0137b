"""Fields of a drafted entity that a single column fills."""

from __future__ import annotations

from typing import Any

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import Entity
from pipelines.ingest.draft.ids import column_id
from pipelines.ingest.draft.meanings import Meanings
from pipelines.ingest.draft.words.reading import Reading

Fields = dict[str, Any]
"""The YAML of an entity: contract field to a column or to the keys of a field; also `where`, `rules`, `implied`."""

TRANSLATED = ("kind", "status", "direction", "answered")
"""Fields whose words are translated and not copied."""

OTHER = "(other)"
"""The value of an expression for all texts that the mapping must not list, because they can name people."""


def fields_of(meanings: Meanings, entity: Entity) -> Fields:
    """The fields of the entity that have a column of the same meaning; the agent by id, else by name."""
    names = [field.name for field in entity.fields if field.name not in TRANSLATED]
    fields: Fields = {name: column_field(meanings, name) for name in names if meanings.has(name)}
    if "agent_id" in names:
        if meanings.has("agent_id"):
            fields["agent_id"] = column_id(meanings, meanings.columns["agent_id"])
        elif meanings.has("agent_name"):
            fields["agent_id"] = meanings.columns["agent_name"]
    return fields


def column_field(meanings: Meanings, meaning: str) -> object:
    """The column of a meaning, with the keys that are needed to read it."""
    column = meanings.columns[meaning]
    keys: Fields = {"column": column}
    if pattern := meanings.formats.get(column):
        keys["format"] = pattern
    if column in meanings.scales:
        keys["scale"] = meanings.scales[column]
    if column in meanings.decimals:
        keys["decimal"] = meanings.decimals[column]
    return keys if len(keys) > 1 else column


def plain_number(meanings: Meanings, column: str) -> str:
    """SQL for the text of a column of numbers as plain digits with a decimal point."""
    name, mark = identifier(column), meanings.decimals.get(column)
    if mark is None:
        return name
    digits = f"regexp_replace({name}, '[^0-9{mark}-]', '', 'g')"
    return digits if mark == "." else f"replace({digits}, ',', '.')"


def translation(meanings: Meanings, column: str, reading: Reading, becomes: str | None) -> Fields:
    """The column with the codes of its known words. Unknown words become `becomes` and are a doubt."""
    if reading.unknown:
        meanings.doubts.append(
            f"{column!r} has unknown words: {reading.counted(reading.unknown)}; they become {becomes or 'blank'} until "
            "`values` translates them"
        )
    if reading.has_names:
        name, known = identifier(column), ", ".join(map(literal, reading.known))
        listed = f"{name} IN ({known})" if known else "FALSE"
        listed_text = f"CASE WHEN {name} IS NULL OR {listed} THEN {name} ELSE {literal(OTHER)} END"
        return {"expr": listed_text, "values": {**reading.known, OTHER: becomes}}
    values = {text: becomes if code is None else code for text, code in reading.codes.items()}
    return {"column": column, "values": values}
