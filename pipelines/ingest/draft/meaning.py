"""Which column has which meaning: by its name, checked against its values; by these alone where it says nothing."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass, field

from pipelines.ingest.draft import contents
from pipelines.ingest.draft.table import Table
from pipelines.ingest.draft.vocabulary import in_wan, meaning_of

DATES = (
    "created_at", "updated_at", "event_at", "resolved_at", "lease_end", "listed_from", "listed_to", "hired_on", "month",
    "subscribed_at", "signed_at",
)  # fmt: skip
AMOUNTS = (
    "amount",
    "price",
    "unit_price",
    "commission",
    "list_price",
    "subscription_amount",
    "signed_amount",
    "quantity",
)
BOUNDS = ("budget_min", "budget_max", "area_min", "area_max")
_PAGE_ID = re.compile(r"/([^/?#.]+)(\.html?)?/?([?#].*)?$")


@dataclass
class Meanings:
    """`columns`: meaning to column. `formats`: date columns to their pattern. `scales`: amounts that are in 万.

    `id_from_url`: ids are to be taken from the page's address, because the id column does not tell rows apart.
    """

    table: Table
    columns: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    scales: dict[str, int] = field(default_factory=dict)
    id_from_url: bool = False
    doubts: list[str] = field(default_factory=list)

    def has(self, *meanings: str) -> bool:
        return all(meaning in self.columns for meaning in meanings)


def find_meanings(table: Table) -> Meanings:
    """The meanings of the table's columns; of two columns with one meaning the first counts, and that is a doubt."""
    found = Meanings(table)
    for column in table.columns:
        texts = table.texts(column)
        meaning = meaning_of(column)
        if texts and meaning is not None and _fits(found, meaning, column, texts):
            if meaning not in found.columns:
                found.columns[meaning] = column
            elif meaning != "opt_out":
                found.doubts.append(f"{column!r} could be {meaning} as well as {found.columns[meaning]!r}")
    _by_contents(found)
    _prices(found)
    _page_ids(found)
    return found


def _fits(found: Meanings, meaning: str, column: str, texts: list[str]) -> bool:
    if meaning in DATES:
        patterns = contents.date_patterns(texts)
        if patterns is None:
            found.doubts.append(f"{column!r} is called like a date, but few of its values are dates")
            return False
        if len(patterns) > 1 and meaning not in found.columns:
            found.doubts.append(f"{column!r} fits {' and '.join(patterns)}; the first is taken")
        found.formats[column] = patterns[0]
    read = meaning == "budget" and contents.are_ranges(texts)
    if meaning in (*AMOUNTS, *BOUNDS, "budget") and not (read or contents.are_amounts(texts)):
        found.doubts.append(f"{column!r} is called like a number, but many of its values are none")
        return False
    return True


def _by_contents(found: Meanings) -> None:
    """Columns whose names say nothing, and all columns of a file without a header."""
    table = found.table
    nameless = "header" in table.options
    for column in table.columns:
        if column in found.columns.values():
            continue
        texts = table.texts(column)
        if contents.are_emails(texts):
            found.columns.setdefault("email", column)
        elif contents.are_phones(texts):
            found.columns.setdefault("phone", column)
        elif nameless and texts:
            _nameless(found, column, texts)


def _nameless(found: Meanings, column: str, texts: list[str]) -> None:
    patterns = contents.date_patterns(texts)
    if patterns is not None:
        found.columns.setdefault("event_at", column)
        found.formats[column] = patterns[0]
    elif contents.are_numbers(texts) and any("." in text for text in texts):
        found.columns.setdefault("amount", column)
    elif len(set(texts)) >= 0.02 * len(texts) and len(texts) > 1:
        found.columns.setdefault("lead_id", column)
    else:
        return
    found.doubts.append(f"{column!r} has no name: what it means is told by its values alone")


def _prices(found: Meanings) -> None:
    """A bare price is the amount, or that of a unit beside one. Amounts are in 万 where name or arithmetic says so."""
    columns = found.columns
    if "price" in columns:
        meaning = "unit_price" if found.has("amount") or found.has("quantity") else "amount"
        columns.setdefault(meaning, columns["price"])
    for meaning, column in columns.items():
        if meaning in (*AMOUNTS, *BOUNDS[:2], "budget") and meaning != "quantity" and in_wan(column):
            found.scales[column] = 10_000
    if found.has("amount", "unit_price", "area") and columns["amount"] not in found.scales:
        places = [found.table.columns.index(columns[name]) for name in ("amount", "unit_price", "area")]
        triples = (contents.numbers([row[at] for at in places]) for row in found.table.rows)
        ratios = [price * area / amount for amount, price, area in triples if amount and price and area]
        if ratios and 9_000 < statistics.median(ratios) < 11_000:
            found.scales[columns["amount"]] = 10_000


def _page_ids(found: Meanings) -> None:
    """A page's address tells rows apart where the id column, rounded by a spreadsheet, does not."""
    if not found.has("url"):
        return
    ids = found.table.texts(found.columns["record_id"]) if found.has("record_id") else []
    pages = [match[1] if (match := _PAGE_ID.search(text)) else "" for text in found.table.texts(found.columns["url"])]
    found.id_from_url = not contents.are_unique(ids) and len(set(pages)) >= 0.999 * len(pages)
    if ids and found.id_from_url:
        told = f"{found.columns['record_id']!r} has the same value in different rows: ids are taken from the address"
        found.doubts.append(told)
