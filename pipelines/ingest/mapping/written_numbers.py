"""How files write numbers: the marks of a column, and the text of a number in a workbook."""

from __future__ import annotations

DECIMAL_MARKS = {".": ",", ",": "."}
"""Decimal mark of a column → the thousands mark used with it."""


def written_number(number: str) -> str:
    """Write a number of a workbook so that its fraction cannot be read as a group of thousands: 1.234 → 1.2340."""
    fraction = number.rpartition(".")[2] if "." in number else ""
    return f"{number}0" if len(fraction) == 3 and fraction.isdigit() else number
