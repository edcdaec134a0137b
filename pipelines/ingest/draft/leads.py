"""Leads of a file: who they are, when they came, what they want, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.fields import Fields, column_field, fields_of
from pipelines.ingest.draft.ids import is_chinese, name_columns
from pipelines.ingest.draft.meaning import Meanings
from pipelines.ingest.draft.words import states as words
from pipelines.ingest.draft.words.columns import CODES
from pipelines.ingest.draft.words.states import LEAD_STATUSES, read_words

MOST_STATUSES = 30
BOOLEANS = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"}
"""Texts that the contract reads as a boolean as they stand, in any case."""


def lead_fields(found: Meanings) -> Fields:
    """The fields of a lead but for its id."""
    fields = fields_of(found, ENTITIES["leads"])
    created = [meaning for meaning in ("created_at", "event_at", "subscribed_at", "signed_at") if found.has(meaning)]
    if not created:
        found.doubts.append("no column says when a lead came in: state the day, or a column")
    fields["created_at"] = column_field(found, created[0]) if created else {"value": "2020-01-01"}
    fields |= _name(found) | _status(found) | _consent(found) | _codes(found)
    if found.has("budget"):
        fields = {**_budget(found), **fields}
    if found.has("district"):
        fields["preferred_district"] = found.columns["district"]
    if found.has("layout"):
        fields["preferred_layout"] = found.columns["layout"]
    return fields


def _name(found: Meanings) -> Fields:
    columns = name_columns(found)
    if len(columns) < 2:
        return {"full_name": columns[0]} if columns else {}
    between = "''" if is_chinese(columns) else "' '"
    return {"full_name": {"expr": f"concat_ws({between}, {', '.join(map(identifier, columns))})"}}


def _status(found: Meanings) -> Fields:
    """The status in the words of the contract, from the column that has most of them."""
    best, most = None, 0
    for column in found.candidates.get("status", ()):
        reading = read_words(found.table.texts(column), LEAD_STATUSES)
        if "stage" in column.casefold() and "status" not in column.casefold():
            # A stage of closed can be a sale; a status of closed is an enquiry that ended.
            reading = words.Reading(
                {text: None if words.normal(text) == "closed" else code for text, code in reading.codes.items()},
                reading.lines,
            )
        known = sum(reading.lines[text] for text in reading.known)
        if known > most and len(reading.codes) <= MOST_STATUSES and reading.is_of_words:
            best, most = (column, reading), known
    if best is not None:
        column, reading = best
        if reading.unknown:
            found.doubts.append(
                f"{column!r} has words that are not known: {reading.counted(reading.unknown)}; they stay as they are, "
                "and count as open until they are translated to open, lost, invalid, do_not_contact or converted"
            )
        return {"status": _translated(column, reading.known)}
    for column in found.candidates.get("status", ()):
        reading = read_words(found.table.texts(column), {})
        shown = f": {reading.counted(reading.unknown)}" if len(reading.codes) <= MOST_STATUSES else ""
        found.doubts.append(
            f"{column!r} has no status of a lead that is known{shown}; it is not read. Translate it to open, lost, "
            "invalid, do_not_contact or converted"
        )
    return {}


def _budget(found: Meanings) -> Fields:
    """One column of budgets: upper ones, or ranges that are taken apart, the unit behind the last number for both."""
    column = found.columns["budget"]
    if contents.are_amounts(found.table.texts(column)):
        return {"budget_max": column_field(found, "budget")}
    name = identifier(column)
    if any("萬" in text or "億" in text for text in found.table.texts(column)):
        name = f"translate({name}, '萬億圓內', '万亿圆内')"
    unit = f"regexp_extract({name}, '[万亿]')"
    ends = {"budget_min": r"^[^0-9]*([0-9.]+)[^下内]*$", "budget_max": r"([0-9.]+)[^0-9上]*$"}
    scale: Fields = {"scale": found.scales[column]} if column in found.scales else {}
    return {
        field: {"expr": f"nullif(regexp_extract({name}, '{pattern}', 1), '') || {unit}", **scale}
        for field, pattern in ends.items()
    }


def _consent(found: Meanings) -> Fields:
    """Consent by the words of all its columns: a refusal in one counts, and an unknown word says nothing."""
    read: list[tuple[str, dict[str, str | None]]] = []
    has_names = False
    for meaning, vocabulary in (("opt_out", words.OPT_OUTS), ("consent", words.CONSENTS)):
        for column in found.candidates.get(meaning, ()):
            reading = read_words(found.table.texts(column), vocabulary)
            if not reading.known or len(reading.codes) > MOST_STATUSES:
                found.doubts.append(f"{column!r} does not say yes or no in words that are known; it is not read")
                continue
            if reading.unknown:
                found.doubts.append(
                    f"{column!r} has words for neither yes nor no: {reading.counted(reading.unknown)}; they "
                    "become nothing until the mapping translates them"
                )
            has_names = has_names or reading.has_names
            read.append((column, _with_opposites(reading.codes, vocabulary)))
    if len(read) > 1 or has_names:
        # false is less than true, and a blank does not count.
        parts = [
            f"{_map({text: code for text, code in codes.items() if code})}[{identifier(name)}]" for name, codes in read
        ]
        return {"marketing_consent": {"expr": f"least({', '.join(parts)})"}}
    for column, codes in read:
        as_it_is = column in found.candidates.get("consent", ()) and {text.casefold() for text in codes} <= BOOLEANS
        return {"marketing_consent": column if as_it_is else {"column": column, "values": codes}}
    return {}


def _with_opposites(codes: Mapping[str, str | None], vocabulary: Mapping[str, str]) -> dict[str, str | None]:
    """The codes, and those of the opposite words, written in the same case."""
    both = {one: other for pair in words.OPPOSITES for one, other in (pair, pair[::-1])}
    result = dict(codes)
    for text in codes:
        if other := both.get(text.casefold()):
            cased = other.upper() if text.isupper() else other.capitalize() if text[0].isupper() else other
            result.setdefault(cased, vocabulary[words.normal(other)])
    return result


def _codes(found: Meanings) -> Fields:
    """Words of the trade become the codes of the profile; an unknown word stays as it is."""
    fields: Fields = {}
    for field, codes in CODES.items():
        if found.has(field):
            column = found.columns[field]
            known = {text: code for text in found.table.texts(column) if (code := codes.get(words.normal(text)))}
            if known:
                fields[field] = _translated(column, known)
    return fields


def _translated(column: str, known: Mapping[str, str]) -> Fields:
    """The known words as codes, and each other word as it is: no lead is set aside for a new word."""
    return {"expr": f"coalesce({_map(known)}[{identifier(column)}], {identifier(column)})"}


def _map(codes: Mapping[str, str]) -> str:
    """SQL for a map of words to their codes."""
    return f"map {{{', '.join(f'{literal(word)}: {literal(code)}' for word, code in codes.items())}}}"
