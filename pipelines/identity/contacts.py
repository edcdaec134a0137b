"""Contacts of a record as keys: two records with an equal key may be the same person.

A text that is no contact of one person has no key: a part of a number, a placeholder, a number that does not exist in
its country. Two records that share such a text stay two customers. `phones.py` and `emails.py` read the texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

MASKED, PLACEHOLDER, TOO_SHORT, INVALID = "masked", "placeholder", "too_short", "invalid"
DIGITS_LOST = "digits_lost"
SWITCHBOARD, SHARED = "switchboard", "shared"
REASONS = {
    "phone": (MASKED, PLACEHOLDER, TOO_SHORT, DIGITS_LOST, INVALID, SWITCHBOARD, SHARED),
    "email": (MASKED, PLACEHOLDER, INVALID, SHARED),
}
"""Why a contact links no records, by kind. `switchboard` and `shared` depend on the other records (`resolve.py`)."""

LONGEST_RUN = 9
"""Digits of the runs 1 to 9 and 9 to 1. Digits after such a run are filler."""

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF])
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")


@dataclass(frozen=True)
class Placeholders:
    """The texts of the rules table `placeholder_contacts.csv` by kind."""

    words: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    email_names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> Placeholders:
        """From rows of kind and text."""
        texts: dict[str, set[str]] = {"word": set(), "phone": set(), "email": set(), "email_name": set()}
        for kind, text in rows:
            texts[kind].add(text)
        return cls(*(frozenset(texts[kind]) for kind in ("word", "phone", "email", "email_name")))


@dataclass
class Contact:
    """The contacts in one text.

    `keys`: phones as E.164, with `;ext=` before an extension; e-mail addresses in lower case. `reasons`: why parts of
    the text have no key.
    """

    keys: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)

    def add(self, key: str | None, reason: str | None) -> None:
        if key:
            self.keys.add(key)
        if reason:
            self.reasons.add(reason)


def normalized(text: str) -> str:
    """The text in half-width characters, with plain dashes and without invisible characters and outer quotes."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).translate(_DASHES)
        text = "".join(str(unicodedata.digit(sign, sign)) if sign.isdigit() else sign for sign in text)
    return text.strip().strip("'\"=`").strip()


def is_filler(text: str, fewest: int) -> bool:
    """Whether all digits are equal, or a run up or down with at most filler behind it: 00000000000, 12345678900.

    Texts of fewer than `fewest` digits are no filler.
    """
    if len(text) < fewest or not text.isdecimal():
        return False
    run = text[: max(LONGEST_RUN, len(text) - 2)]
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(run)}
    return len(set(text)) == 1 or steps == {1} or steps == {9}


def digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)
