"""Drafts the interactions of a file: kind and direction, answered or not, and whether they took place."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.fields import Fields, column_field, fields_of, translation
from pipelines.ingest.draft.ids import own_id
from pipelines.ingest.draft.meanings import Meanings
from pipelines.ingest.draft.words.columns import interaction_kind_of
from pipelines.ingest.draft.words.interactions import ANSWERED, DIRECTIONS, INTERACTION_KINDS, MISSED, OUTCOMES
from pipelines.ingest.draft.words.reading import Reading, read_words
from pipelines.ingest.draft.words.vocabulary import NO_ROW, normal

MOST_WORDS = 60
BLANK = "(blank)"
"""The value of an expression for a blank, so that `values` can translate it."""

VOCABULARIES: dict[str, Mapping[str, str]] = {
    "kind": INTERACTION_KINDS,
    "direction": DIRECTIONS,
    "answered": ANSWERED,
    "status": OUTCOMES,
}


def is_interaction_list(meanings: Meanings) -> bool:
    """Whether the lines of a file with a day are contacts, by the name of the day or the words of a column."""
    return (
        interaction_kind_of(meanings.columns.get("event_at", "")) is not None
        or bool(_roles(meanings))
        or meanings.has("direction")
    )


def interaction_fields(meanings: Meanings) -> Fields:
    """The fields of an interaction except its lead."""
    fields = fields_of(meanings, ENTITIES["interactions"])
    fields["occurred_at"] = column_field(meanings, "event_at")
    if (own := own_id(meanings, "interaction_id")) is not None:
        fields["interaction_id"] = own
    roles = _roles(meanings)
    fields |= _kind(meanings, roles)
    if "direction" in roles:
        column, reading = roles["direction"]
        fields["direction"] = translation(meanings, column, reading, None)
        missed = {text: "false" if normal(text) in MISSED else None for text in fields["direction"]["values"]}
        if "answered" not in roles and any(missed.values()):
            fields["answered"] = {**fields["direction"], "values": missed}
    if "answered" in roles:
        fields["answered"] = translation(meanings, *roles["answered"], None)
    return fields


def _roles(meanings: Meanings) -> dict[str, tuple[str, Reading]]:
    """The columns of kind, direction, answered and status: each by the vocabulary that knows most of its lines."""
    roles: dict[str, tuple[str, Reading]] = {}
    shares: dict[str, float] = {}
    for own in VOCABULARIES:
        for column in meanings.candidates.get(own, ()):
            read = {
                role: read_words(meanings.table.texts(column), vocabulary) for role, vocabulary in VOCABULARIES.items()
            }
            if len(read[own].codes) > MOST_WORDS or not read[own].is_of_words:
                continue
            known = {role: sum(reading.lines[text] for text in reading.known) for role, reading in read.items()}
            role = max(known, key=lambda name: (known[name], name == own))
            share = known[role] / max(1, len(meanings.table.texts(column)))
            if share > shares.get(role, 0):
                roles[role], shares[role] = (column, read[role]), share
    return roles


def _kind(meanings: Meanings, roles: Mapping[str, tuple[str, Reading]]) -> Fields:
    """`kind`, and `where` if some lines are planned or cancelled."""
    usual = interaction_kind_of(meanings.columns["event_at"]) or interaction_kind_of(meanings.name)
    if "kind" in roles:
        column, reading = roles["kind"]
        fields: Fields = {"kind": translation(meanings, column, reading, "follow_up")}
        if blank := len(meanings.table.rows) - sum(reading.lines.values()):
            meanings.doubts.append(f"{column!r} is blank on {blank:,} lines: they become {usual or 'follow_up'}")
            values = {**fields["kind"]["values"], BLANK: usual or "follow_up"}
            listed_text = fields["kind"].get("expr", identifier(column))
            fields["kind"] = {"expr": f"coalesce({listed_text}, {literal(BLANK)})", "values": values}
    else:
        fields = {"kind": {"value": usual or "follow_up"}}
        if usual is None:
            meanings.doubts.append("no column has the kind of interaction: each line becomes a follow_up")
        for column in [*meanings.candidates.get("kind", ()), *meanings.candidates.get("status", ())]:
            if column not in [used for used, _ in roles.values()]:
                reading = read_words(meanings.table.texts(column), {})
                shown = f": {reading.counted(reading.unknown)}" if len(reading.codes) <= MOST_WORDS else ""
                meanings.doubts.append(f"{column!r} has no known words{shown}; it is not read")
    if "status" not in roles:
        return fields
    column, reading = roles["status"]
    planned, called_off = reading.with_code(NO_ROW), reading.with_code("cancellation")
    if reading.unknown:
        meanings.doubts.append(
            f"{column!r} has unknown words: {reading.counted(reading.unknown)}; their lines count as interactions"
        )
    if planned:
        meanings.doubts.append(f"{column!r}: lines with {reading.counted(planned)} are only planned and not read")
        fields["where"] = f"coalesce({identifier(column)}, '') NOT IN ({', '.join(map(literal, planned))})"
    if called_off and "kind" not in roles and usual in ("viewing", "online_viewing"):
        off = ", ".join(map(literal, called_off))
        fields["kind"] = {
            "expr": f"CASE WHEN {identifier(column)} IN ({off}) THEN 'cancellation' ELSE {literal(usual)} END"
        }
    elif called_off:
        meanings.doubts.append(f"{column!r}: lines with {reading.counted(called_off)} are cancelled and not read")
        out = ", ".join(map(literal, [*planned, *called_off]))
        fields["where"] = f"coalesce({identifier(column)}, '') NOT IN ({out})"
    return fields
