"""Ids of the rows of a file: a column with ids, else a `private_id`, which is never made of blanks only."""

from __future__ import annotations

from collections import Counter

from pipelines.home.sql import identifier
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.meanings import Meanings

NEARLY_UNIQUE = 0.9
"""A column with at least this share of distinct ids identifies events; other columns identify customers or deals."""

OFTEN_CORRECTED = 0.3
"""The same share for leads. A list that contains all corrections repeats ids."""

RARELY_BLANK = 0.1
PERSON = ("phone", "email", "full_name", "first_name", "last_name")
_LAST_PART = "'/([^/?#.]+)(\\.html?)?/?$'"


def column_id(meanings: Meanings, column: str) -> object:
    """The column as an id, without the .0 that a spreadsheet adds to numbers."""
    if contents.are_float_ids(meanings.table.texts(column)):
        return {"expr": f"regexp_replace({identifier(column)}, '\\.0$', '')"}
    return column


def own_id(meanings: Meanings, *names: str, enough: float = NEARLY_UNIQUE) -> object:
    """The id of the rows: a column named like an id that is nearly unique and rarely blank; else None.

    Lines with the same id and lines without id are a doubt. They become versions of one row, or are quarantined.
    """
    if meanings.id_from_url:
        return {"expr": f"nullif(regexp_extract({identifier(meanings.columns['url'])}, {_LAST_PART}, 1), '')"}
    for meaning in (*names, "record_id"):
        for column in meanings.candidates.get(meaning, ()):
            texts = meanings.table.texts(column)
            blank = len(meanings.table.rows) - len(texts)
            if len(set(texts)) >= enough * len(texts) and blank <= RARELY_BLANK * len(meanings.table.rows):
                _doubt_repeats(meanings, column, texts, blank)
                return column_id(meanings, column)
    first = meanings.table.columns[0]
    texts = meanings.table.texts(first)
    is_id = first.casefold().endswith("id") and first not in meanings.columns.values()
    if is_id and len(set(texts)) == len(texts) == len(meanings.table.rows):
        meanings.doubts.append(f"{first!r} is used as the id: no line repeats it, and none has it blank")
        return column_id(meanings, first)
    return None


def lead_id(meanings: Meanings) -> object:
    """The id of the lead of a line: a column, or a hash of the person, or a hash of the line."""
    # An account can have several leads, so its id is used only if the list has no other.
    of_leads = [column for column in meanings.candidates.get("lead_id", ()) if "account" not in column.casefold()]
    own = own_id(meanings, *(["lead_id"] if of_leads else []), enough=OFTEN_CORRECTED)
    if own is not None:
        return own
    customer = customer_id(meanings)
    if customer is not None:
        column = meanings.columns["lead_id"]
        texts = meanings.table.texts(column)
        _doubt_repeats(meanings, column, texts, len(meanings.table.rows) - len(texts))
        return customer
    return person_id(meanings) or row_id(meanings, "no column has an id or a name of the lead")


def customer_id(meanings: Meanings) -> object:
    """The column with the customer id of a deal or an interaction; None if it is blank on most lines."""
    columns = meanings.candidates.get("lead_id", ())
    column = max(columns, key=lambda name: len(meanings.table.texts(name)), default=None)
    if column is None or 2 * len(meanings.table.texts(column)) < len(meanings.table.rows):
        return None
    meanings.columns["lead_id"] = column
    return column_id(meanings, column)


def person_id(meanings: Meanings) -> object:
    """SQL for a hash of name and phone, or of name and e-mail, or of name and day; null for a line with none of them.

    None if no column identifies a person. Ids are not protected as phones are, so an id must not contain a phone.
    """
    names = [identifier(column) for column in name_columns(meanings)]
    keys = []
    if meanings.has("phone"):
        bare = f"regexp_replace({identifier(meanings.columns['phone'])}, '\\.0$', '')"
        keys.append(f"nullif(right(regexp_replace({bare}, '[^0-9]', '', 'g'), 11), '')")
    if meanings.has("email"):
        keys.append(f"lower({identifier(meanings.columns['email'])})")
    if not names and not keys:
        return None
    name = f"coalesce({names[0]}, '')" if len(names) == 1 else f"concat_ws(' ', {', '.join(names)})" if names else "''"
    cases = [f"WHEN {key} IS NOT NULL THEN private_id(concat_ws('|', {name}, {key}))" for key in keys]
    day = next((meanings.columns[meaning] for meaning in ("created_at", "event_at") if meanings.has(meaning)), None)
    if names:
        dated = [*names, identifier(day)] if day else names
        any_name = names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"
        filled = f"{any_name} IS NOT NULL" + (f" AND {identifier(day)} IS NOT NULL" if day else "")
        cases.append(f"WHEN {filled} THEN private_id(concat_ws('|', {', '.join(dated)}))")
    _doubt_hash(meanings, day)
    return {"expr": f"CASE {' '.join(cases)} END"}


def row_id(meanings: Meanings, why: str) -> object:
    """SQL for a hash of the whole line. `why`: why the file has no better id, for the user."""
    meanings.doubts.append(f"{why}: the id is a hash of the whole line, so a corrected line becomes a new row")
    columns = ", ".join(f"coalesce({identifier(column)}, '')" for column in meanings.table.columns)
    return {"expr": f"private_id(concat_ws('|', {columns}))"}


def name_columns(meanings: Meanings) -> list[str]:
    """The columns of the full name, in the order of its language."""
    if meanings.has("full_name"):
        return [meanings.columns["full_name"]]
    parts = ("first_name", "last_name")
    columns = [meanings.columns[part] for part in parts if meanings.has(part)]
    return columns[::-1] if is_chinese(columns) else columns


def is_chinese(columns: list[str]) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for column in columns for letter in column)


def _doubt_repeats(meanings: Meanings, column: str, texts: list[str], blank: int) -> None:
    repeated = [count for count in Counter(texts).values() if count > 1]
    if repeated:
        meanings.doubts.append(
            f"{column!r} is used as the id, but {len(repeated):,} of its values are on several lines "
            f"({sum(repeated):,} in all): these lines are versions of one row. If they are known at the same time, the "
            "last line counts and the others will be quarantined"
        )
    if blank:
        meanings.doubts.append(
            f"{column!r} is used as the id, but it is blank on {blank:,} lines: they will be quarantined"
        )


def _doubt_hash(meanings: Meanings, day: str | None) -> None:
    def filled(columns: list[str]) -> list[bool]:
        places = [meanings.table.columns.index(column) for column in columns]
        return [any(row[at] is not None for at in places) for row in meanings.table.rows]

    names = name_columns(meanings)
    has_key = filled([meanings.columns[meaning] for meaning in ("phone", "email") if meanings.has(meaning)])
    has_name = [name and when for name, when in zip(filled(names), filled([day] if day else names), strict=True)]
    by_name = sum(name and not key for name, key in zip(has_name, has_key, strict=True))
    neither = sum(not name and not key for name, key in zip(has_name, has_key, strict=True))
    doubt = "no column is an id of the lead: the id is a hash of the name with the phone or e-mail"
    if by_name:
        doubt += f"; on {by_name:,} lines without these a hash of the name and the day"
    if neither:
        doubt += f"; {neither:,} lines with neither will be quarantined"
    meanings.doubts.append(doubt)
