"""E-mail addresses in a text, as keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.identity.contacts import INVALID, MASKED, PLACEHOLDER, Contact, Placeholders, is_filler, normalized

FEWEST_FILLER_DIGITS = 3
"""A name of this many equal or running digits is a placeholder: 000@, 123@."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MASK = re.compile(r"[*•●○█]|\.{3}")


def read_email(text: str, placeholders: Placeholders) -> Contact:
    """The addresses in a text, in lower case."""
    contact = Contact()
    plain = normalized(text).lower()
    if not plain:
        return contact
    if plain in placeholders.words:
        contact.add(None, PLACEHOLDER)
        return contact
    for address in _addresses(plain):
        name = address.split("@")[0]
        if _MASK.search(address):
            contact.add(None, MASKED)
        elif not _EMAIL.fullmatch(address):
            contact.add(None, INVALID)
        elif (
            address in placeholders.emails or name in placeholders.email_names or is_filler(name, FEWEST_FILLER_DIGITS)
        ):
            contact.add(None, PLACEHOLDER)
        else:
            contact.add(address, None)
    if not contact.keys and not contact.reasons:
        contact.add(None, MASKED if _MASK.search(plain) else INVALID)
    return contact


def _addresses(plain: str) -> Iterator[str]:
    for part in map(str.strip, re.split(r"[;,、/|<>]+", plain)):
        chunks = part.split()
        # A space within an address is a typing error, and half of an address can be another person's address.
        for chunk in chunks if all("@" in chunk for chunk in chunks) else [part]:
            if "@" in chunk:
                yield chunk.strip("()[]\"'.:").removeprefix("mailto:")
