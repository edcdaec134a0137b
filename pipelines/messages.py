"""Values in messages. A message shows the shape of a cell, not its text: logs and reports must have no customer data.

Importing this module is cheap.
"""

from __future__ import annotations

import re
from unicodedata import category

PATTERN_LENGTH = 30
"""The pattern of a text with digits is shown up to this length: a date, an amount, a number with its unit."""

NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories of control characters, surrogates and line breaks."""

LONGEST = 80
"""Longer texts have the same shape."""

_DIGIT = "0-9０-９٠-٩۰-۹"
_EMAIL = r"[\w.+%-]+\s?(?:[@＠]|[(（\[]at[)）\]])\s?[\w-]+(?:\.[\w-]+)+"
# A phone: at least eleven digits that begin like a phone, with or without separators. No day, time or count matches.
_NEXT = rf"(?:[ \-‐–()（）.]?[{_DIGIT}])"
_PHONE = rf"(?<![\w/])(?:(?:\+[{_DIGIT}]|00?[1-9１-９]){_NEXT}{{8,13}}|[1１][3-9３-９]{_NEXT}{{9,11}})(?!\w)"
_CONTACT = re.compile(f"{_EMAIL}|{_PHONE}")
_BLANK = r" \t\n\r\f"
EMAIL_LIKE = rf"[{_BLANK}]*[^@＠{_BLANK}]+[@＠][^@＠{_BLANK}]+[{_BLANK}]*"
"""The pattern lists the blanks, because `\\s` differs between Python and DuckDB."""
_EMAIL_LIKE = re.compile(EMAIL_LIKE)
_QUOTED = re.compile(r"(?<!\w)'.*'|(?<!\w)'.*\Z|`.*`", re.DOTALL)
_DOUBLE_QUOTED = re.compile(r'"[^"]*(?:"|\Z)')
_OWN_NAME = re.compile(r'"[a-z_][a-z0-9_.]*"')
_NUMBER = re.compile(rf"(?<![\w(,.])[+-]?[{_DIGIT}][{_DIGIT}.,:/-]*")
_ECHO = re.compile(r"\n\s*LINE \d+:")
"""From here on a message of DuckDB repeats the query."""

_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def shape_of(text: str) -> str:
    """Describe a text: `11 digits`, `e-mail like`, `text like 00-00-0000` or `text of 14 characters`."""
    if _EMAIL_LIKE.fullmatch(text):
        return "e-mail like"
    if text.isdecimal():
        return f"{len(text)} digit{'s' * (len(text) != 1)}"
    if len(text) <= PATTERN_LENGTH and any(letter.isdecimal() for letter in text):
        pattern = ("0" if letter.isdecimal() else "a" if letter.isalpha() else letter for letter in text)
        return f"text like {''.join(pattern)}"
    least = "at least " if len(text) >= LONGEST else ""
    return f"text of {least}{min(len(text), LONGEST)} character{'s' * (len(text) != 1)}"


def is_contact(text: str) -> bool:
    """Whether the text contains a phone or an e-mail address."""
    return _CONTACT.search(text) is not None


def without_contacts(text: str) -> str:
    """Replace each phone and e-mail address in a text by its shape."""
    return _CONTACT.sub(lambda match: f"({shape_of(match[0])})", text)


def without_values(text: str) -> str:
    """Remove quoted values and numbers from a message of DuckDB. Names of our tables and columns stay."""
    text = _QUOTED.sub("(a text)", _ECHO.split(text)[0])
    text = _DOUBLE_QUOTED.sub(lambda match: match[0] if _OWN_NAME.fullmatch(match[0]) else "(a text)", text)
    text = _NUMBER.sub(lambda match: match[0] if len(match[0]) < 2 else "(a number)", text)
    return _FOREIGN.sub("(a text)", _CONTACT.sub("(a text)", text))


def printable(name: str) -> str:
    """Escape control characters and bytes that are not text, so that a name of a file or column fits in one line."""
    return "".join(ascii(letter)[1:-1] if category(letter) in ("Cf", *NO_TEXT) else letter for letter in name)


def is_text(name: str) -> bool:
    """Whether a name is one line of text, without control characters and bytes that are not text."""
    return not any(category(letter) in NO_TEXT for letter in name)
