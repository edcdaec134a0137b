"""Which column has which meaning: by its name, checked against its values; by these alone where it says nothing."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Set
from dataclasses import dataclass, field

from pipelines.ingest.draft import contents
from pipelines.ingest.draft.marks import example_of_mark, read_marks
from pipelines.ingest.draft.table import Table
from pipelines.ingest.draft.words.columns import in_wan, meaning_of
from pipelines.ingest.draft.words.states import PAYMENTS, read_words

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
SEVERAL = (
    "opt_out",
    "consent",
    "status",
    "kind",
    "won",
    "agent_name",
    "agent_id",
    "lead_id",
    "record_id",
    "deal_no",
    "first_name",
    "last_name",
    "interaction_id",
)
"""Meanings for which the contents of the columns decide, or the first column is good enough."""

SQUARE_METRES_OF_PING = "3.3058"
_PAGE_ID = re.compile(r"/([^/?#.]+)(\.html?)?/?([?#].*)?$")


@dataclass
class Meanings:
    """`columns`: meaning to its first column; `candidates`: to all its columns.

    `formats`: date columns to their pattern. `scales`: amounts in another unit than the contract's. `decimals`: columns
    of numbers to their decimal mark. `lakhs`: those with Indian groups of digits. `name`: that of the file.
    `id_from_url`: ids are to be taken from the page's address, because the id column does not tell rows apart.
    """

    table: Table
    columns: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, list[str]] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    scales: dict[str, object] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)
    lakhs: set[str] = field(default_factory=set)
    name: str = ""
    id_from_url: bool = False
    doubts: list[str] = field(default_factory=list)

    def add(self, meaning: str, column: str) -> None:
        self.candidates.setdefault(meaning, []).append(column)
        self.columns.setdefault(meaning, column)

    def has(self, *meanings: str) -> bool:
        return all(meaning in self.columns for meaning in meanings)


def find_meanings(table: Table, name: str = "", customers: Set[str] = frozenset()) -> Meanings:
    """The meanings of the table's columns; of two columns with one meaning the first counts, and that is a doubt.

    `customers`: ids of the leads that another file lists.
    """
    found = Meanings(table, name=name)
    patterns: dict[str, list[str]] = {}
    for column in table.columns:
        texts = table.texts(column)
        meaning = meaning_of(column)
        if meaning == "payment_plan" and _names_payments(column, texts):
            meaning = "kind"
        if texts and meaning is not None and _fits(found, meaning, column, texts, patterns):
            if meaning in found.columns and meaning not in SEVERAL:
                found.doubts.append(f"{column!r} could be {meaning} as well as {found.columns[meaning]!r}")
            found.add(meaning, column)
    _orders_of_dates(found, patterns)
    _by_contents(found)
    _customers(found, customers)
    _prices(found)
    _decimals(found)
    _page_ids(found)
    return found


def _names_payments(column: str, texts: list[str]) -> bool:
    """Whether a column such as `Payment Type` says what a payment is for, not how it is made."""
    reading = read_words(texts, PAYMENTS)
    return "method" not in column.casefold() and "方式" not in column and 2 * len(reading.known) > len(reading.codes)


def _fits(found: Meanings, meaning: str, column: str, texts: list[str], patterns: dict[str, list[str]]) -> bool:
    if meaning in DATES:
        fitting = contents.date_patterns(texts)
        if fitting is None and contents.look_like_dates(texts):
            found.formats[column] = contents.likeliest_pattern(texts)
            written = found.formats[column] or "year, month and day"
            found.doubts.append(f"{column!r}: dates written in several ways; all but {written} will be quarantined")
            return True
        if fitting is None:
            found.doubts.append(f"{column!r} is called like a date, but few of its values are dates")
            return False
        patterns[column] = fitting
        found.formats[column] = fitting[0]
    read = meaning == "budget" and contents.are_ranges(texts)
    if meaning in (*AMOUNTS, *BOUNDS, "budget") and not (read or contents.are_amounts(texts)):
        found.doubts.append(f"{column!r} is called like a number, but many of its values are none")
        return False
    return True


def _orders_of_dates(found: Meanings, patterns: dict[str, list[str]]) -> None:
    """A date that two patterns fit is written as the other dates of the file are; if none tells, that is a doubt."""
    orders = {_is_day_first(fitting[0]) for fitting in patterns.values() if len(fitting) == 1} - {None}
    for column, fitting in patterns.items():
        agreeing = [pattern for pattern in fitting if _is_day_first(pattern) in orders]
        if len(fitting) > 1 and len(orders) == 1 and agreeing:
            found.formats[column] = agreeing[0]
        elif len(fitting) > 1 and column in found.columns.values():
            found.doubts.append(
                f"{column!r}: the day or the month first? Its values fit {' and '.join(fitting)}; the first is taken"
            )


def _is_day_first(pattern: str) -> bool | None:
    places = [pattern.find(part) for part in ("%d", "%m")]
    return places[0] < places[1] if min(places) >= 0 and not pattern.startswith("%Y") else None


def _decimals(found: Meanings) -> None:
    """The decimal marks of the columns of numbers; a column that does not show its own is written as the others are."""
    columns = [found.columns[meaning] for meaning in (*AMOUNTS, *BOUNDS, "budget", "area") if found.has(meaning)]
    read = {column: read_marks(found.table.texts(column)) for column in dict.fromkeys(columns)}
    shown = {marks.decimal for marks in read.values()} - {None}
    of_others = shown.pop() if len(shown) == 1 else None
    for column, marks in read.items():
        if marks.lakhs:
            found.lakhs.add(column)
        if not marks.is_marked:
            continue
        usual = "," if marks.one_point > marks.one_comma else "."
        found.decimals[column] = marks.decimal or of_others or usual
        if marks.is_ambiguous and of_others is None:
            found.doubts.append(_question(found, column))
        elif marks.point and marks.comma:
            found.doubts.append(
                f"{column!r}: {marks.point:,} numbers have a decimal point and {marks.comma:,} a decimal comma; "
                f"`decimal: {json.dumps(found.decimals[column])}` is taken, and the others will be quarantined"
            )


def _question(found: Meanings, column: str) -> str:
    example = example_of_mark(found.table.texts(column))
    thousands = "" if found.decimals[column] in example else "out"
    return (
        f"{column!r}: is {example!r} written with or without decimals? No number of the file shows the decimal mark; "
        f"`decimal: {json.dumps(found.decimals[column])}` is taken, with{thousands} decimals"
    )


def _by_contents(found: Meanings) -> None:
    """Columns whose names say nothing, and all columns of a file without a header."""
    table = found.table
    nameless = "header" in table.options
    for column in table.columns:
        if column in found.columns.values():
            continue
        texts = table.texts(column)
        if contents.are_emails(texts):
            found.add("email", column)
        elif contents.are_phones(texts):
            found.add("phone", column)
        elif nameless and texts:
            _nameless(found, column, texts)


def _nameless(found: Meanings, column: str, texts: list[str]) -> None:
    patterns = contents.date_patterns(texts)
    if patterns is not None:
        found.add("event_at", column)
        found.formats[column] = patterns[0]
    elif contents.are_numbers(texts) and any("." in text for text in texts):
        found.add("amount", column)
    elif len(set(texts)) >= 0.02 * len(texts) and len(texts) > 1:
        found.add("lead_id", column)
    else:
        return
    found.doubts.append(f"{column!r} has no name: its values alone say what it means")


def _customers(found: Meanings, customers: Set[str]) -> None:
    """A bare `id` beside an event is that of its customer where another file lists leads of these ids, or it repeats.

    Numbers that tell the lines apart could be those of the lines: they are the customers' only beside another id.
    """
    if found.has("lead_id") or not found.has("event_at") or found.has("created_at"):
        return
    for column in found.candidates.get("record_id", []):
        texts = found.table.texts(column)
        ids = {text.removesuffix(".0") for text in texts}
        own = found.has("deal_no") or found.has("interaction_id")
        is_listed = 2 * len(ids & customers) >= len(ids)
        repeats = len(ids) < 0.9 * len(texts) and not any(map(found.has, ("phone", "email", "full_name", "url")))
        if (is_listed and (own or len(ids) < len(texts) or not all(map(str.isdigit, ids)))) or repeats:
            found.candidates["record_id"].remove(column)
            del found.columns["record_id"]
            found.add("lead_id", column)
            why = "holds ids of the listed leads" if is_listed else "repeats from line to line"
            found.doubts.append(f"{column!r} {why}: it is taken to name the customer of each line")
            return


def _prices(found: Meanings) -> None:
    """A bare price is the amount, or that of a unit beside one. Amounts are in 万 where name or arithmetic says so."""
    columns = found.columns
    if "price" in columns:
        meaning = "unit_price" if found.has("amount") or found.has("quantity") else "amount"
        columns.setdefault(meaning, columns["price"])
    for meaning, column in columns.items():
        if meaning in (*AMOUNTS, *BOUNDS[:2], "budget") and meaning != "quantity" and in_wan(column):
            found.scales[column] = 10_000
        elif meaning in ("area", *BOUNDS[2:]) and "坪" in column:
            found.scales[column] = SQUARE_METRES_OF_PING
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
        doubt = f"{found.columns['record_id']!r} has the same value in different rows: ids are taken from the address"
        found.doubts.append(doubt)
