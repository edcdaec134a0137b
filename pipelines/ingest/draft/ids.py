"""What tells the rows of a file apart: its own ids, or a `private_id` that never stands for blanks."""

from __future__ import annotations

from collections import Counter

from pipelines.home.sql import identifier
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.meaning import Meanings

NEARLY_UNIQUE = 0.9
"""Share of different ids above which a column tells events apart; below it names their customers or their deals."""

OFTEN_CORRECTED = 0.3
"""The same share for leads: a list with every correction repeats their ids."""

RARELY_BLANK = 0.1
PERSON = ("phone", "email", "full_name", "first_name", "last_name")
_LAST_PART = "'/([^/?#.]+)(\\.html?)?/?$'"


def column_id(found: Meanings, column: str) -> object:
    """The column as an id, without the .0 that a spreadsheet writes behind numbers."""
    if contents.are_float_ids(found.table.texts(column)):
        return {"expr": f"regexp_replace({identifier(column)}, '\\.0$', '')"}
    return column


def own_id(found: Meanings, *meanings: str, enough: float = NEARLY_UNIQUE) -> object:
    """The id of the rows of the file: a column that is named like an id, nearly unique and rarely blank; else None.

    Lines that share an id, or have none, are a doubt: the contract makes versions of them, or quarantines them.
    """
    if found.id_from_url:
        return {"expr": f"nullif(regexp_extract({identifier(found.columns['url'])}, {_LAST_PART}, 1), '')"}
    for meaning in (*meanings, "record_id"):
        for column in found.candidates.get(meaning, ()):
            texts = found.table.texts(column)
            blank = len(found.table.rows) - len(texts)
            if len(set(texts)) >= enough * len(texts) and blank <= RARELY_BLANK * len(found.table.rows):
                _doubt_repeats(found, column, texts, blank)
                return column_id(found, column)
    return None


def lead_id(found: Meanings) -> object:
    """The id of the lead that a line is about: a column, or a hash of the person; never a constant."""
    own = own_id(found, "lead_id", enough=OFTEN_CORRECTED)
    if own is not None:
        return own
    named = customer_id(found)
    if named is not None:
        column = found.columns["lead_id"]
        texts = found.table.texts(column)
        _doubt_repeats(found, column, texts, len(found.table.rows) - len(texts))
        return named
    return person_id(found) or row_id(found, "no column is an id of the lead, and none names a person")


def customer_id(found: Meanings) -> object:
    """The column that names the customer of a deal or of a contact, by its id; None where most lines have none."""
    columns = found.candidates.get("lead_id", ())
    column = max(columns, key=lambda name: len(found.table.texts(name)), default=None)
    if column is None or 2 * len(found.table.texts(column)) < len(found.table.rows):
        return None
    found.columns["lead_id"] = column
    return column_id(found, column)


def person_id(found: Meanings) -> object:
    """A hash of name and phone, or of name and e-mail; of name and day where a line has neither; else null.

    None where no column names a person. Ids are not kept apart as phones are, so they must not show one.
    """
    names = [identifier(column) for column in name_columns(found)]
    keys = []
    if found.has("phone"):
        bare = f"regexp_replace({identifier(found.columns['phone'])}, '\\.0$', '')"
        keys.append(f"nullif(right(regexp_replace({bare}, '[^0-9]', '', 'g'), 11), '')")
    if found.has("email"):
        keys.append(f"lower({identifier(found.columns['email'])})")
    if not names and not keys:
        return None
    name = f"coalesce({names[0]}, '')" if len(names) == 1 else f"concat_ws(' ', {', '.join(names)})" if names else "''"
    cases = [f"WHEN {key} IS NOT NULL THEN private_id(concat_ws('|', {name}, {key}))" for key in keys]
    day = next((found.columns[meaning] for meaning in ("created_at", "event_at") if found.has(meaning)), None)
    if names:
        dated = [*names, identifier(day)] if day else names
        any_name = names[0] if len(names) == 1 else f"coalesce({', '.join(names)})"
        filled = f"{any_name} IS NOT NULL" + (f" AND {identifier(day)} IS NOT NULL" if day else "")
        cases.append(f"WHEN {filled} THEN private_id(concat_ws('|', {', '.join(dated)}))")
    _doubt_hash(found, day)
    return {"expr": f"CASE {' '.join(cases)} END"}


def row_id(found: Meanings, why: str) -> object:
    """A hash of the whole line."""
    found.doubts.append(f"{why}: a hash of the whole line stands for the id, so a corrected line is another row")
    columns = ", ".join(f"coalesce({identifier(column)}, '')" for column in found.table.columns)
    return {"expr": f"private_id(concat_ws('|', {columns}))"}


def name_columns(found: Meanings) -> list[str]:
    """The columns that together are the full name, in the order in which it is said."""
    if found.has("full_name"):
        return [found.columns["full_name"]]
    parts = ("first_name", "last_name")
    columns = [found.columns[part] for part in parts if found.has(part)]
    return columns[::-1] if is_chinese(columns) else columns


def is_chinese(columns: list[str]) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for column in columns for letter in column)


def _doubt_repeats(found: Meanings, column: str, texts: list[str], blank: int) -> None:
    repeated = [count for count in Counter(texts).values() if count > 1]
    if repeated:
        found.doubts.append(
            f"{column!r} is kept as the id, but {len(repeated):,} of its values stand on several lines "
            f"({sum(repeated):,} in all): they are versions of one row; of those known at one time "
            "the last one counts, and the others will be quarantined"
        )
    if blank:
        found.doubts.append(f"{column!r} is kept as the id, but {blank:,} lines have none: they will be quarantined")


def _doubt_hash(found: Meanings, day: str | None) -> None:
    def filled(columns: list[str]) -> list[bool]:
        places = [found.table.columns.index(column) for column in columns]
        return [any(row[at] is not None for at in places) for row in found.table.rows]

    names = name_columns(found)
    keyed = filled([found.columns[meaning] for meaning in ("phone", "email") if found.has(meaning)])
    named = [name and when for name, when in zip(filled(names), filled([day] if day else names), strict=True)]
    by_name = sum(name and not key for name, key in zip(named, keyed, strict=True))
    neither = sum(not name and not key for name, key in zip(named, keyed, strict=True))
    doubt = "no column is an id of the lead: a hash of the name with the phone or e-mail stands for it"
    if by_name:
        doubt += f"; on {by_name:,} lines without these, of the name and the day"
    if neither:
        doubt += f"; {neither:,} lines with neither will be quarantined"
    found.doubts.append(doubt)
