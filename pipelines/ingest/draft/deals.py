"""Drafts the deals of a file: which lines are deal steps, and of which kind, by the words of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.fields import Fields, column_field, fields_of, plain_number
from pipelines.ingest.draft.ids import is_chinese
from pipelines.ingest.draft.meanings import Meanings
from pipelines.ingest.draft.words.deals import DEAL_STEPS, LEASES, PAYMENTS, WON
from pipelines.ingest.draft.words.reading import Reading, read_words
from pipelines.ingest.draft.words.vocabulary import NO_ROW

MOST_WORDS = 60
"""A column of states has at most this many distinct texts."""

UNDONE = ("refund", "cancellation")
EARLY = ("subscription", "deposit")
"""Steps that the stage decides and not the type of the deal."""


def deal_kind(meanings: Meanings, *, one_line_each: bool) -> Fields:
    """`kind`, and also `where` and `rules` if some lines are no deals.

    `one_line_each`: each deal has one line, so a cancelled deal is no deal. Otherwise a cancellation is a deal step.
    """
    stage, kind = _stage(meanings), _kind(meanings)
    if stage is None and kind is None:
        usual = "rental" if is_lease_list(meanings) else "sale"
        meanings.doubts.append(f"no column has the kind of deal: each line becomes a {usual}")
        return {"kind": {"value": usual}}
    if stage is None:
        column, reading = kind
        return _by_words(meanings, column, reading, ())
    column, reading = stage
    nothing = reading.with_code(NO_ROW, *(UNDONE if one_line_each else ()))
    if kind is None:
        return _by_words(meanings, column, reading, nothing)
    fields = _by_words(meanings, column, reading, nothing)
    by_kind: Fields = _by_words(meanings, kind[0], kind[1], ())["kind"]
    early = {text: code for text, code in reading.known.items() if code in EARLY}
    if early:
        name, among = identifier(column), _list(list(early))
        step = f"CASE WHEN {name} IN ({among}) THEN {name} ELSE {identifier(kind[0])} END"
        by_kind = {"expr": step, "values": {**by_kind["values"], **early}}
    fields["kind"] = by_kind
    counted = [text for text in reading.known if text not in nothing] or list(_usual(column))
    # `where` does not exclude a stage of a later delivery. The rule quarantines its lines.
    fields["rules"] = {"stage_is_known": f"{identifier(column)} IN ({_list(counted)})"}
    if kind[1].unknown:
        name = identifier(kind[0])
        has_kind = f"coalesce({name}, '') NOT IN ({_list(['', *kind[1].unknown])})"
        if kind[1].has_names:
            has_kind = f"{name} IN ({_list(list(kind[1].known))})"
        fields["where"] = f"{fields['where']} AND {has_kind}" if "where" in fields else has_kind
    return fields


def is_deal_list(meanings: Meanings) -> bool:
    """Whether a column of the file has words of won deals or numbers of deals."""
    stage = _stage(meanings)
    return meanings.has("deal_no") or (stage is not None and bool(stage[1].with_code("sale")))


def is_lease_list(meanings: Meanings) -> bool:
    """Whether the deals of a file are leases: the file has the end of a lease or a rent."""
    amount = meanings.columns.get("amount", "").casefold()
    return meanings.has("lease_end") or "rent" in amount or "租金" in amount


def deal_fields(meanings: Meanings) -> Fields:
    """The fields of a deal except its ids and its kind."""
    fields = fields_of(meanings, ENTITIES["transactions"])
    fields["occurred_at"] = column_field(meanings, "event_at")
    if meanings.has("quantity", "unit_price") and not meanings.has("amount"):
        quantity, price = (plain_number(meanings, meanings.columns[meaning]) for meaning in ("quantity", "unit_price"))
        fields["amount"] = {"expr": f"abs(CAST({quantity} AS DECIMAL(18, 4)) * CAST({price} AS DECIMAL(18, 4)))"}
    return fields


def cancellations(meanings: Meanings, fields: Fields) -> None:
    """Draft cancellations: deal numbers that begin with a letter and always have a negative quantity."""
    if not meanings.has("quantity"):
        return
    table, column = meanings.table, meanings.columns["deal_no"]
    at, quantity = table.columns.index(column), table.columns.index(meanings.columns["quantity"])
    pairs = [
        (number, contents.numbers([row[quantity]])[0])
        for row in table.rows
        if (number := row[at]) is not None and number[:1].isalpha()
    ]
    letters = [number[0] for number, count in pairs if count is not None and count < 0]
    if letters and len(set(letters)) == 1 and len(letters) >= contents.ENOUGH * len(pairs):
        back = f"{identifier(column)} LIKE {literal(letters[0] + '%')}"
        fields["kind"] = {"expr": f"CASE WHEN {back} THEN 'cancellation' ELSE 'sale' END"}
        fields["deal_id"] = {"expr": f"CASE WHEN NOT {back} THEN {identifier(column)} END"}
        meanings.doubts.append(
            f"{column!r}: numbers that begin with {letters[0]} have negative quantities and become cancellations"
        )


def _stage(meanings: Meanings) -> tuple[str, Reading] | None:
    """The column of states with most known words; if no column has such a name, a column with known words."""
    by_name = [(column, _vocabulary(meanings)) for column in meanings.candidates.get("status", ())]
    by_name += [(column, WON) for column in meanings.candidates.get("won", ())]
    best = _best(meanings, by_name)
    if best is not None:
        return best
    used = set(meanings.columns.values())
    free = [(column, DEAL_STEPS) for column in meanings.table.columns if column not in used]
    best = _best(meanings, free)
    if best is None:
        return None
    known = best[1].known
    return best if known and 2 * len(known) >= len(best[1].codes) and _separates_deals(best[1]) else None


def _separates_deals(reading: Reading) -> bool:
    """Whether some words are deals and some are not."""
    return bool(reading.with_code("sale", "rental")) and bool(reading.with_code(NO_ROW, *UNDONE))


def _kind(meanings: Meanings) -> tuple[str, Reading] | None:
    """The column of kinds of deals or payments with known words, else None."""
    best = _best(meanings, [(column, _vocabulary(meanings)) for column in meanings.candidates.get("kind", ())])
    if best is None:
        return None
    column, reading = best
    # In a column of types, words such as new or open do not mean that the line is no deal.
    best = column, Reading({text: code or None for text, code in reading.codes.items()}, reading.lines)
    if best[1].known:
        return best
    meanings.doubts.append(
        f"{best[0]!r} has no known kind of deal: {best[1].counted(best[1].unknown)}; it is not read. Translate its "
        "words if some of its lines are no sales"
    )
    return None


def _vocabulary(meanings: Meanings) -> Mapping[str, str]:
    day = meanings.columns.get("event_at", "")
    is_payment = any(word in day.casefold() for word in ("pay", "付款", "收款"))
    if is_payment:
        return PAYMENTS
    return LEASES if is_lease_list(meanings) else DEAL_STEPS


def _best(meanings: Meanings, columns: Sequence[tuple[str, Mapping[str, str]]]) -> tuple[str, Reading] | None:
    """The column with the largest share of known lines."""
    read = [(column, read_words(meanings.table.texts(column), vocabulary)) for column, vocabulary in columns]
    read = [(column, reading) for column, reading in read if reading.codes and reading.is_of_words]
    few = [(column, reading) for column, reading in read if len(reading.codes) <= MOST_WORDS] or read[:1]

    def known_share(candidate: tuple[str, Reading]) -> float:
        _, reading = candidate
        return sum(reading.lines[text] for text in reading.known) / sum(reading.lines.values())

    return max(few, key=known_share, default=None)


def _by_words(meanings: Meanings, column: str, reading: Reading, nothing: Sequence[str]) -> Fields:
    """`kind` with the known words, and `where`, which excludes words that make no row and unknown words.

    A new word of a later delivery is in neither list, so its line is quarantined.
    """
    values = {text: code for text, code in reading.known.items() if text not in nothing}
    blank = len(meanings.table.rows) - sum(reading.lines.values())
    if reading.unknown:
        meanings.doubts.append(
            f"{column!r} has unknown words: {reading.counted(reading.unknown)}. Their lines are not read. If they are "
            "deals, translate the words in `kind` (or add them to `rules`), and remove them from `where`"
        )
    if nothing:
        meanings.doubts.append(f"{column!r}: lines with {reading.counted(nothing)} are no deals and not read")
    if blank:
        meanings.doubts.append(f"{column!r} is blank on {blank:,} lines: they are not read")
    if not values:
        values = _usual(column)
        meanings.doubts.append(f"{column!r} has no word for a won deal; the draft expects {', '.join(values)}")
    fields: Fields = {"kind": {"column": column, "values": values}}
    out = [*nothing, *reading.unknown]
    if len(out) > MOST_WORDS or reading.has_names:
        fields["where"] = f"{identifier(column)} IN ({_list(list(values))})"
    elif out or blank:
        fields["where"] = f"coalesce({identifier(column)}, '') NOT IN ({_list(['', *out])})"
    return fields


def _usual(column: str) -> dict[str, str]:
    """Usual words for a won deal, for a column that has no such word."""
    return {"成交": "sale", "签约": "sale"} if is_chinese([column]) else {"Closed Won": "sale", "Won": "sale"}


def _list(texts: Sequence[str]) -> str:
    return ", ".join(map(literal, texts))
