"""Units and decimal marks of the columns of numbers."""

from __future__ import annotations

import json
import statistics

from pipelines.ingest.draft import contents
from pipelines.ingest.draft.marks import example_of_mark, read_marks
from pipelines.ingest.draft.meanings import AMOUNTS, BOUNDS, Meanings
from pipelines.ingest.draft.words.columns import in_wan

SQUARE_METRES_OF_PING = "3.3058"


def find_units(meanings: Meanings) -> None:
    """Find the units of amounts and areas, and the meaning of a plain price.

    A price is the amount, or the unit price if there is an amount. Amounts are in 万 if the name says so, or if unit
    price × area is about 10,000 times the amount.
    """
    columns = meanings.columns
    if "price" in columns:
        meaning = "unit_price" if meanings.has("amount") or meanings.has("quantity") else "amount"
        columns.setdefault(meaning, columns["price"])
    for meaning, column in columns.items():
        if meaning in (*AMOUNTS, *BOUNDS[:2], "budget") and meaning != "quantity" and in_wan(column):
            meanings.scales[column] = 10_000
        elif meaning in ("area", *BOUNDS[2:]) and "坪" in column:
            meanings.scales[column] = SQUARE_METRES_OF_PING
    if meanings.has("amount", "unit_price", "area") and columns["amount"] not in meanings.scales:
        positions = [meanings.table.columns.index(columns[name]) for name in ("amount", "unit_price", "area")]
        triples = (contents.numbers([row[at] for at in positions]) for row in meanings.table.rows)
        ratios = [price * area / amount for amount, price, area in triples if amount and price and area]
        if ratios and 9_000 < statistics.median(ratios) < 11_000:
            meanings.scales[columns["amount"]] = 10_000


def find_decimals(meanings: Meanings) -> None:
    """Find the decimal marks of the columns of numbers. A column without a certain mark has the mark of the others."""
    columns = [meanings.columns[meaning] for meaning in (*AMOUNTS, *BOUNDS, "budget", "area") if meanings.has(meaning)]
    read = {column: read_marks(meanings.table.texts(column)) for column in dict.fromkeys(columns)}
    certain = {marks.decimal for marks in read.values()} - {None}
    of_others = certain.pop() if len(certain) == 1 else None
    for column, marks in read.items():
        if marks.lakhs:
            meanings.lakhs.add(column)
        if not marks.is_marked:
            continue
        usual = "," if marks.one_point > marks.one_comma else "."
        meanings.decimals[column] = marks.decimal or of_others or usual
        if marks.is_ambiguous and of_others is None:
            meanings.doubts.append(_ask_for_decimal_mark(meanings, column))
        elif marks.point and marks.comma:
            meanings.doubts.append(
                f"{column!r}: {marks.point:,} numbers have a decimal point and {marks.comma:,} a decimal comma; "
                f"`decimal: {json.dumps(meanings.decimals[column])}` is used, and the others will be quarantined"
            )


def _ask_for_decimal_mark(meanings: Meanings, column: str) -> str:
    example = example_of_mark(meanings.table.texts(column))
    thousands = "" if meanings.decimals[column] in example else "out"
    return (
        f"{column!r}: is {example!r} written with or without decimals? No number of the file shows the decimal mark; "
        f"`decimal: {json.dumps(meanings.decimals[column])}` is used, with{thousands} decimals"
    )
