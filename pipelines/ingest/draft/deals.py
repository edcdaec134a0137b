"""Deals of a file: which lines are one, and of what kind, by the words of its stage, type or payment columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.fields import Fields, column_field, fields_of, plain_number
from pipelines.ingest.draft.ids import is_chinese
from pipelines.ingest.draft.meaning import Meanings
from pipelines.ingest.draft.words import states as words
from pipelines.ingest.draft.words.states import NO_ROW, Reading, read_words

MOST_WORDS = 60
"""A column of states has fewer different texts than this."""

UNDONE = ("refund", "cancellation")
EARLY = ("subscription", "deposit")
"""Steps that a stage shows whatever the type of the deal is."""


def deal_kind(found: Meanings, *, one_line_each: bool) -> Fields:
    """`kind`, and `where` and `rules` if not every line is a deal.

    `one_line_each`: each deal has one line, so a cancelled one is no deal; else a cancellation is a step of its own.
    """
    stage, kind = _stage(found), _kind(found)
    if stage is None and kind is None:
        usual = "rental" if is_lease_list(found) else "sale"
        found.doubts.append(f"no column says what a line is: each counts as a {usual}")
        return {"kind": {"value": usual}}
    if stage is None:
        column, reading = kind
        return _by_words(found, column, reading, ())
    column, reading = stage
    nothing = reading.with_code(NO_ROW, *(UNDONE if one_line_each else ()))
    if kind is None:
        return _by_words(found, column, reading, nothing)
    fields = _by_words(found, column, reading, nothing)
    by_kind: Fields = _by_words(found, kind[0], kind[1], ())["kind"]
    early = {text: code for text, code in reading.known.items() if code in EARLY}
    if early:
        name, among = identifier(column), _list(list(early))
        step = f"CASE WHEN {name} IN ({among}) THEN {name} ELSE {identifier(kind[0])} END"
        by_kind = {"expr": step, "values": {**by_kind["values"], **early}}
    fields["kind"] = by_kind
    counted = [text for text in reading.known if text not in nothing] or list(_usual(column))
    # A stage that a later delivery brings is not in `where`: the rule sets it aside.
    fields["rules"] = {"stage_is_known": f"{identifier(column)} IN ({_list(counted)})"}
    if kind[1].unknown:
        name = identifier(kind[0])
        kept = f"coalesce({name}, '') NOT IN ({_list(['', *kind[1].unknown])})"
        if kind[1].has_names:
            kept = f"{name} IN ({_list(list(kind[1].known))})"
        fields["where"] = f"{fields['where']} AND {kept}" if "where" in fields else kept
    return fields


def is_deal_list(found: Meanings) -> bool:
    """Whether a column of the file speaks of deals that are won."""
    stage = _stage(found)
    return found.has("deal_no") or (stage is not None and bool(stage[1].with_code("sale")))


def is_lease_list(found: Meanings) -> bool:
    """Whether the deals of a file are leases, by the end of a lease or a rent beside them."""
    amount = found.columns.get("amount", "").casefold()
    return found.has("lease_end") or "rent" in amount or "租金" in amount


def deal_fields(found: Meanings) -> Fields:
    """The fields of a deal but for its ids and its kind."""
    fields = fields_of(found, ENTITIES["transactions"])
    fields["occurred_at"] = column_field(found, "event_at")
    if found.has("quantity", "unit_price") and not found.has("amount"):
        quantity, price = (plain_number(found, found.columns[meaning]) for meaning in ("quantity", "unit_price"))
        fields["amount"] = {"expr": f"abs(CAST({quantity} AS DECIMAL(18, 4)) * CAST({price} AS DECIMAL(18, 4)))"}
    return fields


def cancellations(found: Meanings, fields: Fields) -> None:
    """Numbers with a letter before them, always with a negative quantity, are cancellations."""
    if not found.has("quantity"):
        return
    table, column = found.table, found.columns["deal_no"]
    at, quantity = table.columns.index(column), table.columns.index(found.columns["quantity"])
    pairs = [(row[at], contents.numbers([row[quantity]])[0]) for row in table.rows if row[at] and row[at][0].isalpha()]
    letters = [number[0] for number, count in pairs if count is not None and count < 0]
    if letters and len(set(letters)) == 1 and len(letters) >= contents.ENOUGH * len(pairs):
        back = f"{identifier(column)} LIKE {literal(letters[0] + '%')}"
        fields["kind"] = {"expr": f"CASE WHEN {back} THEN 'cancellation' ELSE 'sale' END"}
        fields["deal_id"] = {"expr": f"CASE WHEN NOT {back} THEN {identifier(column)} END"}
        found.doubts.append(f"{column!r} beginning with {letters[0]} has negative quantities: taken as cancellations")


def _stage(found: Meanings) -> tuple[str, Reading] | None:
    """The column of states that has most known words; if none is named so, one whose words are known."""
    named = [(column, _vocabulary(found)) for column in found.candidates.get("status", ())]
    named += [(column, words.WON) for column in found.candidates.get("won", ())]
    best = _best(found, named)
    if best is not None:
        return best
    used = set(found.columns.values())
    free = [(column, words.DEAL_STEPS) for column in found.table.columns if column not in used]
    best = _best(found, free)
    if best is None:
        return None
    known = best[1].known
    return best if known and 2 * len(known) >= len(best[1].codes) and _decides(best[1]) else None


def _decides(reading: Reading) -> bool:
    return bool(reading.with_code("sale", "rental")) and bool(reading.with_code(NO_ROW, *UNDONE))


def _kind(found: Meanings) -> tuple[str, Reading] | None:
    """The column of kinds of deals or payments that has known words; another one says nothing of the step."""
    best = _best(found, [(column, _vocabulary(found)) for column in found.candidates.get("kind", ())])
    if best is None:
        return None
    column, reading = best
    # A type of new or open is no stage: it does not say that the line is no deal.
    best = column, Reading({text: code or None for text, code in reading.codes.items()}, reading.lines)
    if best[1].known:
        return best
    found.doubts.append(
        f"{best[0]!r} has no word for a kind of deal that is known: {best[1].counted(best[1].unknown)}; "
        "it is not read. Translate it if some of its lines are no sales"
    )
    return None


def _vocabulary(found: Meanings) -> Mapping[str, str]:
    day = found.columns.get("event_at", "")
    is_payment = any(word in day.casefold() for word in ("pay", "付款", "收款"))
    if is_payment:
        return words.PAYMENTS
    return words.LEASES if is_lease_list(found) else words.DEAL_STEPS


def _best(found: Meanings, columns: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[str, Reading] | None:
    """The column with the largest share of known lines."""
    read = [(column, read_words(found.table.texts(column), vocabulary)) for column, vocabulary in columns]
    read = [(column, reading) for column, reading in read if reading.codes and reading.is_of_words]
    few = [(column, reading) for column, reading in read if len(reading.codes) <= MOST_WORDS] or read[:1]

    def known_lines(one: tuple[str, Reading]) -> float:
        return sum(one[1].lines[text] for text in one[1].known) / sum(one[1].lines.values())

    return max(few, key=known_lines, default=None)


def _by_words(found: Meanings, column: str, reading: Reading, nothing: Sequence[str]) -> Fields:
    """`kind` by the known words, `where` without those that make no row and without the unknown ones.

    A word that a later delivery brings is in neither list: its line is quarantined.
    """
    values = {text: code for text, code in reading.known.items() if text not in nothing}
    blank = len(found.table.rows) - sum(reading.lines.values())
    if reading.unknown:
        found.doubts.append(
            f"{column!r} has words that are not known: {reading.counted(reading.unknown)}. Their lines make no deal; "
            "translate in `kind` those that do (or name them in `rules`), and take them out of `where`"
        )
    if nothing:
        found.doubts.append(f"{column!r}: lines with {reading.counted(nothing)} make no deal")
    if blank:
        found.doubts.append(f"{column!r} is blank on {blank:,} lines: they make no deal")
    if not values:
        values = _usual(column)
        found.doubts.append(f"{column!r} has no word for a deal that is won: {', '.join(values)} would be one")
    fields: Fields = {"kind": {"column": column, "values": values}}
    out = [*nothing, *reading.unknown]
    if len(out) > MOST_WORDS or reading.has_names:
        fields["where"] = f"{identifier(column)} IN ({_list(list(values))})"
    elif out or blank:
        fields["where"] = f"coalesce({identifier(column)}, '') NOT IN ({_list(['', *out])})"
    return fields


def _usual(column: str) -> dict[str, str]:
    """What the word for a deal that is won would be, in a column that has none."""
    return {"成交": "sale", "签约": "sale"} if is_chinese([column]) else {"Closed Won": "sale", "Won": "sale"}


def _list(texts: Sequence[str]) -> str:
    return ", ".join(map(literal, texts))
