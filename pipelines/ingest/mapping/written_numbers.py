"""How numbers are written in files: the marks of a column, and the text of a workbook's number."""

from __future__ import annotations

DECIMAL_MARKS = {".": ",", ",": "."}
"""The decimal mark of a column, and the thousands mark that comes with it."""


def written_number(number: str) -> str:
    """A number of a workbook, written so that no reader takes its fraction for a group of thousands."""
    fraction = number.rpartition(".")[2] if "." in number else ""
    return f"{number}0" if len(fraction) == 3 and fraction.isdigit() else number
