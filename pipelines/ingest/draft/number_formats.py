"""Units and decimal marks of the columns of numbers."""

from __future__ import annotations

import statistics

from pipelines.ingest.draft import contents
from pipelines.ingest.draft.marks import read_marks, settle_marks
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
    texts = {column: meanings.table.texts(column) for column in dict.fromkeys(columns)}
    read = {column: read_marks(values) for column, values in texts.items()}
    decimals, doubts = settle_marks(read, texts)
    meanings.decimals |= decimals
    meanings.doubts += doubts.values()
