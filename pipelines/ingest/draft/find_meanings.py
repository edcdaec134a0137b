"""Finds the meaning of each column: by its name, checked against its values; by its values if the name has none."""

from __future__ import annotations

import re
from collections.abc import Set

from pipelines.ingest.draft import contents
from pipelines.ingest.draft.meanings import AMOUNTS, BOUNDS, DATES, SEVERAL, Meanings
from pipelines.ingest.draft.number_formats import find_decimals, find_units
from pipelines.ingest.draft.table import Table
from pipelines.ingest.draft.words.columns import meaning_of
from pipelines.ingest.draft.words.deals import PAYMENTS
from pipelines.ingest.draft.words.reading import read_words

_PAGE_ID = re.compile(r"/([^/?#.]+)(\.html?)?/?([?#].*)?$")


def find_meanings(table: Table, name: str = "", customers: Set[str] = frozenset()) -> Meanings:
    """Find the meanings of the columns of a table. Of two columns with the same meaning the first one counts.

    `name`: name of the file. `customers`: ids of the leads that another file lists.
    """
    meanings = Meanings(table, name=name)
    patterns: dict[str, list[str]] = {}
    for column in table.columns:
        texts = table.texts(column)
        meaning = meaning_of(column)
        if meaning == "payment_plan" and _names_payments(column, texts):
            meaning = "kind"
        if texts and meaning is not None and _fits(meanings, meaning, column, texts, patterns):
            if meaning in meanings.columns and meaning not in SEVERAL:
                meanings.doubts.append(f"{column!r} can mean {meaning}, too; {meanings.columns[meaning]!r} is used")
            meanings.add(meaning, column)
    settled, unsure = contents.settle_dates(patterns)
    meanings.formats |= settled
    meanings.doubts += [doubt for column, doubt in unsure.items() if column in meanings.columns.values()]
    _add_by_values(meanings)
    _add_customer_ids(meanings, customers)
    find_units(meanings)
    find_decimals(meanings)
    _use_ids_of_pages(meanings)
    return meanings


def _names_payments(column: str, texts: list[str]) -> bool:
    """Whether a column such as `Payment Type` contains the purpose of payments and not the method."""
    reading = read_words(texts, PAYMENTS)
    return "method" not in column.casefold() and "方式" not in column and 2 * len(reading.known) > len(reading.codes)


def _fits(meanings: Meanings, meaning: str, column: str, texts: list[str], patterns: dict[str, list[str]]) -> bool:
    if meaning in DATES:
        fitting = contents.date_patterns(texts)
        if fitting is None and contents.look_like_dates(texts):
            meanings.formats[column] = contents.likeliest_pattern(texts)
            pattern = meanings.formats[column] or "year, month and day"
            meanings.doubts.append(
                f"{column!r}: dates are written in several ways; dates not written as {pattern} will be quarantined"
            )
            return True
        if fitting is None:
            meanings.doubts.append(f"{column!r} has the name of a date, but few of its values are dates")
            return False
        patterns[column] = fitting
        meanings.formats[column] = fitting[0]
    is_range = meaning == "budget" and contents.are_ranges(texts)
    if meaning in (*AMOUNTS, *BOUNDS, "budget") and not (is_range or contents.are_amounts(texts)):
        meanings.doubts.append(f"{column!r} has the name of a number, but many of its values are no numbers")
        return False
    return True


def _add_by_values(meanings: Meanings) -> None:
    """Add columns by their values: columns with an unknown name, and all columns of a file without a header."""
    table = meanings.table
    has_no_header = "header" in table.options
    for column in table.columns:
        if column in meanings.columns.values():
            continue
        texts = table.texts(column)
        if contents.are_emails(texts):
            meanings.add("email", column)
        elif contents.are_phones(texts):
            meanings.add("phone", column)
        elif has_no_header and texts:
            _add_unnamed(meanings, column, texts)


def _add_unnamed(meanings: Meanings, column: str, texts: list[str]) -> None:
    patterns = contents.date_patterns(texts)
    if patterns is not None:
        meanings.add("event_at", column)
        meanings.formats[column] = patterns[0]
    elif contents.are_numbers(texts) and any("." in text for text in texts):
        meanings.add("amount", column)
    elif len(set(texts)) >= 0.02 * len(texts) and len(texts) > 1:
        meanings.add("lead_id", column)
    else:
        return
    meanings.doubts.append(f"{column!r} has no name: its meaning is guessed from its values")


def _add_customer_ids(meanings: Meanings, customers: Set[str]) -> None:
    """A plain `id` of an event is the id of its customer if another file lists leads with these ids, or if it repeats.

    Unique numbers can be ids of the lines. They are ids of customers only if the file has another id.
    """
    if meanings.has("lead_id") or not meanings.has("event_at") or meanings.has("created_at"):
        return
    for column in meanings.candidates.get("record_id", []):
        texts = meanings.table.texts(column)
        ids = {text.removesuffix(".0") for text in texts}
        has_own_id = meanings.has("deal_no") or meanings.has("interaction_id")
        is_listed = 2 * len(ids & customers) >= len(ids)
        repeats = len(ids) < 0.9 * len(texts) and not any(map(meanings.has, ("phone", "email", "full_name", "url")))
        if (is_listed and (has_own_id or len(ids) < len(texts) or not all(map(str.isdigit, ids)))) or repeats:
            meanings.candidates["record_id"].remove(column)
            del meanings.columns["record_id"]
            meanings.add("lead_id", column)
            why = "contains ids of the listed leads" if is_listed else "repeats on several lines"
            meanings.doubts.append(f"{column!r} {why}: it is used as the id of the customer")
            return


def _use_ids_of_pages(meanings: Meanings) -> None:
    """Use ids from page addresses if a spreadsheet has rounded the id column, so that it is not unique."""
    if not meanings.has("url"):
        return
    ids = meanings.table.texts(meanings.columns["record_id"]) if meanings.has("record_id") else []
    pages = [
        match[1] if (match := _PAGE_ID.search(text)) else "" for text in meanings.table.texts(meanings.columns["url"])
    ]
    meanings.id_from_url = not contents.are_unique(ids) and len(set(pages)) >= 0.999 * len(pages)
    if ids and meanings.id_from_url:
        doubt = (
            f"{meanings.columns['record_id']!r} has the same value in different rows: ids are taken from the address"
        )
        meanings.doubts.append(doubt)
