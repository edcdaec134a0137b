"""Contacts of a file: calls, messages, visits; of what kind and direction, answered or not, held or only planned."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.fields import Fields, column_field, fields_of, translation
from pipelines.ingest.draft.ids import own_id
from pipelines.ingest.draft.meaning import Meanings
from pipelines.ingest.draft.words import states as words
from pipelines.ingest.draft.words.columns import contact_of
from pipelines.ingest.draft.words.states import NO_ROW, Reading, read_words

MOST_WORDS = 60
BLANK = "(blank)"
"""Stands for a blank in an expression whose other texts are translated."""

VOCABULARIES: dict[str, Mapping[str, str]] = {
    "kind": words.CONTACT_KINDS,
    "direction": words.DIRECTIONS,
    "answered": words.ANSWERED,
    "status": words.OUTCOMES,
}


def is_contact_list(found: Meanings) -> bool:
    """Whether the lines of a file with a day are contacts, by the name of the day or the words of a column."""
    return contact_of(found.columns.get("event_at", "")) is not None or bool(_roles(found)) or found.has("direction")


def contact_fields(found: Meanings) -> Fields:
    """The fields of a contact but for its lead."""
    fields = fields_of(found, ENTITIES["interactions"])
    fields["occurred_at"] = column_field(found, "event_at")
    if (own := own_id(found, "interaction_id")) is not None:
        fields["interaction_id"] = own
    roles = _roles(found)
    fields |= _kind(found, roles)
    if "direction" in roles:
        column, reading = roles["direction"]
        fields["direction"] = translation(found, column, reading, None)
        missed = {
            text: "false" if words.normal(text) in words.MISSED else None for text in fields["direction"]["values"]
        }
        if "answered" not in roles and any(missed.values()):
            fields["answered"] = {**fields["direction"], "values": missed}
    if "answered" in roles:
        fields["answered"] = translation(found, *roles["answered"], None)
    return fields


def _roles(found: Meanings) -> dict[str, tuple[str, Reading]]:
    """Which of the columns of kinds and states says what: each by the vocabulary that knows most of its lines."""
    roles: dict[str, tuple[str, Reading]] = {}
    shares: dict[str, float] = {}
    for own in VOCABULARIES:
        for column in found.candidates.get(own, ()):
            read = {
                role: read_words(found.table.texts(column), vocabulary) for role, vocabulary in VOCABULARIES.items()
            }
            if len(read[own].codes) > MOST_WORDS or not read[own].is_of_words:
                continue
            known = {role: sum(reading.lines[text] for text in reading.known) for role, reading in read.items()}
            role = max(known, key=lambda name: (known[name], name == own))
            share = known[role] / max(1, len(found.table.texts(column)))
            if share > shares.get(role, 0):
                roles[role], shares[role] = (column, read[role]), share
    return roles


def _kind(found: Meanings, roles: Mapping[str, tuple[str, Reading]]) -> Fields:
    """`kind`, and `where` if some lines are only planned."""
    usual = contact_of(found.columns["event_at"]) or contact_of(found.name)
    if "kind" in roles:
        column, reading = roles["kind"]
        fields: Fields = {"kind": translation(found, column, reading, "follow_up")}
        if blank := len(found.table.rows) - sum(reading.lines.values()):
            found.doubts.append(f"{column!r} is blank on {blank:,} lines: each is a {usual or 'follow_up'}")
            values = {**fields["kind"]["values"], BLANK: usual or "follow_up"}
            listed_text = fields["kind"].get("expr", identifier(column))
            fields["kind"] = {"expr": f"coalesce({listed_text}, {literal(BLANK)})", "values": values}
    else:
        fields = {"kind": {"value": usual or "follow_up"}}
        if usual is None:
            found.doubts.append("no column says what kind of contact a line is: each is a follow_up")
        for column in [*found.candidates.get("kind", ()), *found.candidates.get("status", ())]:
            if column not in [one for one, _ in roles.values()]:
                reading = read_words(found.table.texts(column), {})
                shown = f": {reading.counted(reading.unknown)}" if len(reading.codes) <= MOST_WORDS else ""
                found.doubts.append(f"{column!r} has no words that are known{shown}; it is not read")
    if "status" not in roles:
        return fields
    column, reading = roles["status"]
    planned, called_off = reading.with_code(NO_ROW), reading.with_code("cancellation")
    if reading.unknown:
        found.doubts.append(
            f"{column!r} has words that are not known: {reading.counted(reading.unknown)}; such lines count as contacts"
        )
    if planned:
        found.doubts.append(f"{column!r}: lines with {reading.counted(planned)} are no contacts yet")
        fields["where"] = f"coalesce({identifier(column)}, '') NOT IN ({', '.join(map(literal, planned))})"
    if called_off and "kind" not in roles and usual in ("viewing", "online_viewing"):
        off = ", ".join(map(literal, called_off))
        fields["kind"] = {
            "expr": f"CASE WHEN {identifier(column)} IN ({off}) THEN 'cancellation' ELSE {literal(usual)} END"
        }
    elif called_off:
        found.doubts.append(f"{column!r}: lines with {reading.counted(called_off)} are no contacts")
        out = ", ".join(map(literal, [*planned, *called_off]))
        fields["where"] = f"coalesce({identifier(column)}, '') NOT IN ({out})"
    return fields
