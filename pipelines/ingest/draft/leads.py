"""Drafts the leads of a file: person, day, demand, status and consent."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.fields import Fields, column_field, fields_of
from pipelines.ingest.draft.ids import is_chinese, name_columns
from pipelines.ingest.draft.marks import read_marks
from pipelines.ingest.draft.meanings import Meanings
from pipelines.ingest.draft.words.columns import CODES
from pipelines.ingest.draft.words.leads import CONSENTS, LEAD_STATUSES, OPPOSITES, OPT_OUTS
from pipelines.ingest.draft.words.reading import Reading, read_words
from pipelines.ingest.draft.words.vocabulary import normal

MOST_STATUSES = 30
_BETWEEN_NUMBERS = re.compile(r"\s*(?:[-–—~～至到]|\bto\b)\s*")
BOOLEANS = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"}
"""Texts that the contract reads as booleans, in upper or lower case."""


def lead_fields(meanings: Meanings) -> Fields:
    """The fields of a lead except its id."""
    fields = fields_of(meanings, ENTITIES["leads"])
    created = [meaning for meaning in ("created_at", "event_at", "subscribed_at", "signed_at") if meanings.has(meaning)]
    if not created:
        meanings.doubts.append("no column has the day of a lead: replace 2020-01-01 by the right day or a column")
    fields["created_at"] = column_field(meanings, created[0]) if created else {"value": "2020-01-01"}
    fields |= _name(meanings) | _status(meanings) | _consent(meanings) | _codes(meanings)
    if meanings.has("budget"):
        fields = {**_budget(meanings), **fields}
    if meanings.has("district"):
        fields["preferred_district"] = meanings.columns["district"]
    if meanings.has("layout"):
        fields["preferred_layout"] = meanings.columns["layout"]
    return fields


def _name(meanings: Meanings) -> Fields:
    columns = name_columns(meanings)
    if len(columns) < 2:
        return {"full_name": columns[0]} if columns else {}
    between = "''" if is_chinese(columns) else "' '"
    return {"full_name": {"expr": f"concat_ws({between}, {', '.join(map(identifier, columns))})"}}


def _status(meanings: Meanings) -> Fields:
    """The status of the contract, from the column with most known words."""
    best, most = None, 0
    for column in meanings.candidates.get("status", ()):
        reading = read_words(meanings.table.texts(column), LEAD_STATUSES)
        if "stage" in column.casefold() and "status" not in column.casefold():
            # The stage closed can be a sale. The status closed is an enquiry that ended.
            reading = Reading(
                {text: None if normal(text) == "closed" else code for text, code in reading.codes.items()},
                reading.lines,
            )
        known = sum(reading.lines[text] for text in reading.known)
        if known > most and len(reading.codes) <= MOST_STATUSES and reading.is_of_words:
            best, most = (column, reading), known
    if best is not None:
        column, reading = best
        if reading.unknown:
            meanings.doubts.append(
                f"{column!r} has unknown words: {reading.counted(reading.unknown)}; they are kept, and count as open "
                "until you translate them to open, lost, invalid, do_not_contact or converted"
            )
        return {"status": _translated(column, reading.known)}
    for column in meanings.candidates.get("status", ()):
        reading = read_words(meanings.table.texts(column), {})
        shown = f": {reading.counted(reading.unknown)}" if len(reading.codes) <= MOST_STATUSES else ""
        meanings.doubts.append(
            f"{column!r} has no known status of a lead{shown}; it is not read. Translate its words to open, lost, "
            "invalid, do_not_contact or converted"
        )
    return {}


def _budget(meanings: Meanings) -> Fields:
    """Budgets: upper limits, or ranges."""
    column = meanings.columns["budget"]
    if contents.are_amounts(meanings.table.texts(column)):
        return {"budget_max": column_field(meanings, "budget")}
    parts = [part for text in meanings.table.texts(column) for part in _BETWEEN_NUMBERS.split(text)]
    marks = read_marks(parts)
    keys: Fields = {"scale": meanings.scales[column]} if column in meanings.scales else {}
    keys |= {"decimal": marks.decimal or "."} if marks.is_marked else {}
    return {
        f"budget_{field}": {"column": column, "end": end, **keys} for field, end in (("min", "low"), ("max", "high"))
    }


def _consent(meanings: Meanings) -> Fields:
    """The consent by the words of all its columns. One refusal is enough; unknown words become blank."""
    read: list[tuple[str, dict[str, str | None]]] = []
    has_names = False
    for meaning, vocabulary in (("opt_out", OPT_OUTS), ("consent", CONSENTS)):
        for column in meanings.candidates.get(meaning, ()):
            reading = read_words(meanings.table.texts(column), vocabulary)
            if not reading.known or len(reading.codes) > MOST_STATUSES:
                meanings.doubts.append(f"{column!r} has no known words for yes or no; it is not read")
                continue
            if reading.unknown:
                meanings.doubts.append(
                    f"{column!r} has words for neither yes nor no: {reading.counted(reading.unknown)}; they become "
                    "blank until the mapping translates them"
                )
            has_names = has_names or reading.has_names
            read.append((column, _with_opposites(reading.codes, vocabulary)))
    if len(read) > 1 or has_names:
        # "false" sorts before "true", and least() ignores blanks.
        parts = [
            f"{_map({text: code for text, code in codes.items() if code})}[{identifier(name)}]" for name, codes in read
        ]
        return {"marketing_consent": {"expr": f"least({', '.join(parts)})"}}
    for column, codes in read:
        is_boolean = (
            column in meanings.candidates.get("consent", ()) and {text.casefold() for text in codes} <= BOOLEANS
        )
        return {"marketing_consent": column if is_boolean else {"column": column, "values": codes}}
    return {}


def _with_opposites(codes: Mapping[str, str | None], vocabulary: Mapping[str, str]) -> dict[str, str | None]:
    """The codes with the codes of the opposite words, which are written in the same case."""
    opposites = {word: opposite for pair in OPPOSITES for word, opposite in (pair, pair[::-1])}
    result = dict(codes)
    for text in codes:
        if opposite := opposites.get(text.casefold()):
            same_case = opposite.upper() if text.isupper() else opposite.capitalize() if text[0].isupper() else opposite
            result.setdefault(same_case, vocabulary[normal(opposite)])
    return result


def _codes(meanings: Meanings) -> Fields:
    """Known words as codes of demand, purpose and kind of customer. Unknown words are kept."""
    fields: Fields = {}
    for field, codes in CODES.items():
        if meanings.has(field):
            column = meanings.columns[field]
            known = {text: code for text in meanings.table.texts(column) if (code := codes.get(normal(text)))}
            if known:
                fields[field] = _translated(column, known)
    return fields


def _translated(column: str, known: Mapping[str, str]) -> Fields:
    """The known words as codes and other words unchanged, so that a new word quarantines no lead."""
    return {"expr": f"coalesce({_map(known)}[{identifier(column)}], {identifier(column)})"}


def _map(codes: Mapping[str, str]) -> str:
    """SQL of a map of words to codes."""
    return f"map {{{', '.join(f'{literal(word)}: {literal(code)}' for word, code in codes.items())}}}"
