"""Fields of a drafted entity that a column fills as it stands."""

from __future__ import annotations

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import Entity
from pipelines.ingest.draft.ids import column_id
from pipelines.ingest.draft.meaning import AMOUNTS, BOUNDS, Meanings
from pipelines.ingest.draft.words.states import Reading

Fields = dict[str, object]
"""Contract field to a column, or to keys of a field; `where`, `rules` and `implied` beside them."""

TRANSLATED = ("kind", "status", "direction", "answered")
"""Fields whose words are translated, not copied."""

OTHER = "(other)"
"""Stands in an expression for the texts that a mapping does not list, because they can name people."""


def fields_of(found: Meanings, entity: Entity) -> Fields:
    """The fields of the entity whose name is that of a meaning; the agent by name where there is no number."""
    names = [field.name for field in entity.fields if field.name not in TRANSLATED]
    fields: Fields = {name: column_field(found, name) for name in names if found.has(name)}
    if "agent_id" in names:
        if found.has("agent_id"):
            fields["agent_id"] = column_id(found, found.columns["agent_id"])
        elif found.has("agent_name"):
            fields["agent_id"] = found.columns["agent_name"]
    return fields


def column_field(found: Meanings, meaning: str) -> object:
    """The column of a meaning, with what is needed to read it."""
    column = found.columns[meaning]
    keys = _source(found, column)
    if pattern := found.formats.get(column):
        keys["format"] = pattern
    if column in found.scales:
        keys["scale"] = found.scales[column]
    if column in found.decimals:
        keys["decimal"] = found.decimals[column]
    return keys if len(keys) > 1 or "expr" in keys else column


def plain_number(found: Meanings, column: str) -> str:
    """SQL for the text of a column of numbers as plain digits with a decimal point."""
    name, mark = identifier(column), found.decimals.get(column)
    if mark is None:
        return name
    kept = f"regexp_replace({name}, '[^0-9{mark}-]', '', 'g')"
    return kept if mark == "." else f"replace({kept}, ',', '.')"


def _source(found: Meanings, column: str) -> Fields:
    """The column; an expression over it where its units or groups of digits are not those of the contract."""
    sql = identifier(column)
    if column in found.decimals or column in found.scales or column in number_columns(found):
        if any("萬" in text or "億" in text or "圓" in text for text in found.table.texts(column)):
            sql = f"translate({sql}, '萬億圓', '万亿圆')"
        if column in found.lakhs:
            sql = f"replace({sql}, ',', '')"
    return {"column": column} if sql == identifier(column) else {"expr": sql}


def number_columns(found: Meanings) -> set[str]:
    return {found.columns[meaning] for meaning in (*AMOUNTS, *BOUNDS, "budget") if found.has(meaning)}


def translation(found: Meanings, column: str, reading: Reading, becomes: str | None) -> Fields:
    """The column with its known words; unknown ones become `becomes` (null if not given), and are a doubt."""
    if reading.unknown:
        found.doubts.append(
            f"{column!r} has words that are not known: {reading.counted(reading.unknown)}; they become "
            f"{becomes or 'nothing'} until `values` translates them"
        )
    if reading.has_names:
        name, known = identifier(column), ", ".join(map(literal, reading.known))
        listed = f"{name} IN ({known})" if known else "FALSE"
        listed_text = f"CASE WHEN {name} IS NULL OR {listed} THEN {name} ELSE {literal(OTHER)} END"
        return {"expr": listed_text, "values": {**reading.known, OTHER: becomes}}
    values = {text: becomes if code is None else code for text, code in reading.codes.items()}
    return {"column": column, "values": values}
