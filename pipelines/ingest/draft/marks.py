"""Guesses the decimal mark of a column from all its numbers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.ingest.draft.words.chinese import simplified
from pipelines.ingest.typing.numbers import UNIT
from pipelines.rules.currencies import ISO_CURRENCIES

_CODES = "|".join(sorted(ISO_CURRENCIES))
_NAMES = rf"RMB|Rs\.?|Dhs?\.?|{_CODES}"
_AROUND = re.compile(rf"^([-+−]?)\s*({_NAMES})\s*|\s*({_NAMES})$")
_UNIT = re.compile(rf"(?<=[\d ])\s*(?:{UNIT})$")
_COMMA = re.compile(
    r"\d{1,3}(\.\d{3}){2,}(,\d+)?|\d{1,3}(\.\d{3})+,\d+|\d+(['’ ]\d{3})*,(\d{1,2}|\d{4,})|\d{4,},\d{3}|0,\d+"
)
_POINT = re.compile(
    r"\d{1,3}(,\d{3}){2,}(\.\d+)?|\d{1,3}(,\d{3})+\.\d+|\d+(['’ ]\d{3})*\.(\d{1,2}|\d{4,})|\d{4,}\.\d{3}|0\.\d+"
)
_LAKHS = re.compile(r"\d{1,2}(,\d{2})+,\d{3}(\.\d+)?")
_ONE_POINT, _ONE_COMMA = re.compile(r"[1-9]\d{0,2}\.\d{3}"), re.compile(r"[1-9]\d{0,2},\d{3}")
_MARKED = {"point": _POINT, "comma": _COMMA, "lakhs": _LAKHS, "one_point": _ONE_POINT, "one_comma": _ONE_COMMA}
_OTHER = re.compile(r"\d+|\d{1,3}(['’ ]\d{3})+|\d+(\.\d+)?e[+-]?\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Marks:
    """Number of values of a column by their marks.

    `point`, `comma`: the value certainly has this decimal mark. `one_point`, `one_comma`: it has one mark before three
    digits, which can be a decimal mark or not. `lakhs`: it has Indian groups of digits (12,50,000). `signed`: it has a
    currency.
    """

    point: int = 0
    comma: int = 0
    one_point: int = 0
    one_comma: int = 0
    lakhs: int = 0
    signed: int = 0

    @property
    def decimal(self) -> str | None:
        """The decimal mark of most values; None if no value shows it, or if both are equally frequent."""
        point = self.point + self.lakhs
        return None if point == self.comma else "." if point > self.comma else ","

    @property
    def is_marked(self) -> bool:
        return bool(self.point + self.comma + self.lakhs + self.one_point + self.one_comma + self.signed)

    @property
    def is_ambiguous(self) -> bool:
        return self.decimal is None and bool(self.point + self.comma + self.one_point + self.one_comma)


def read_marks(texts: Sequence[str]) -> Marks:
    """Count the marks of the numbers of a column."""
    counts = dict.fromkeys((*_MARKED, "signed"), 0)
    for text, times in Counter(texts).items():
        bare, signed = bare_number(text)
        counts["signed"] += signed * times
        if name := _mark(bare):
            counts[name] += times
    return Marks(**counts)


def settle_marks(
    read: Mapping[str, Marks], texts: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Choose the decimal mark of each column of numbers with marks: its own, else that of the other columns.

    Returns the marks, and a doubt for each column that no number of the file decides.
    """
    certain = {marks.decimal for marks in read.values()} - {None}
    of_others = certain.pop() if len(certain) == 1 else None
    decimals, doubts = {}, {}
    for column, marks in read.items():
        if not marks.is_marked:
            continue
        usual = "," if marks.one_point > marks.one_comma else "."
        decimals[column] = mark = marks.decimal or of_others or usual
        if marks.is_ambiguous and of_others is None:
            example = example_of_mark(texts[column])
            doubts[column] = (
                f"{column!r}: is {example!r} written with or without decimals? No number of the file shows the decimal "
                f"mark; `decimal: {json.dumps(mark)}` is used, with{'' if mark in example else 'out'} decimals"
            )
        elif marks.point and marks.comma:
            doubts[column] = (
                f"{column!r}: {marks.point:,} numbers have a decimal point and {marks.comma:,} a decimal comma; "
                f"`decimal: {json.dumps(mark)}` is used, and the others will be quarantined"
            )
    return decimals, doubts


def is_number(text: str) -> bool:
    """Whether the text is a number with marks, a unit or a currency."""
    bare, _ = bare_number(text)
    return bool(_OTHER.fullmatch(bare) or _mark(bare))


def example_of_mark(texts: Sequence[str]) -> str:
    """An example number of an ambiguous column. Other text is left out, because it can name people."""
    numbers = [bare for text in texts if (bare := bare_number(text)[0]) and _mark(bare)]
    return next((bare for bare in numbers if _mark(bare) in ("one_point", "one_comma")), numbers[0])


def _mark(bare: str) -> str | None:
    """The name of the marks of a bare number; None for a number without marks and for other texts."""
    if _OTHER.fullmatch(bare):
        return None
    return next((name for name, pattern in _MARKED.items() if pattern.fullmatch(bare)), None)


def bare_number(text: str) -> tuple[str, bool]:
    """The digits and marks of a number, and whether it has a currency that requires `decimal` in the mapping."""
    plain = simplified(unicodedata.normalize("NFKC", text)).strip()
    without_unit = _UNIT.sub("", plain)
    signs = [letter for letter in without_unit if unicodedata.category(letter) == "Sc" and letter not in "¥￥"]
    bare = "".join(letter for letter in without_unit if unicodedata.category(letter) != "Sc").strip()
    coded = _AROUND.sub(r"\1", bare)
    coded = re.sub(r"^([-+−]?)\s*[A-Z]{1,3}(?=\s*[\d-])", r"\1", coded) if signs else coded
    return coded.strip().lstrip("-+−").strip(), bool(signs) or coded != bare or (without_unit == plain and "¥" in plain)
