"""What a message may say of a value: its shape. Messages reach logs, Dagster's databases and reports; cells must not.

Importing this module is cheap.
"""

from __future__ import annotations

import re
from unicodedata import category

PATTERN_LENGTH = 30
"""The longest text with digits whose pattern is shown: a date, an amount, a number with its unit."""

NO_TEXT = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, halves of characters and line breaks."""

LONGEST = 80
"""Longer texts are all alike."""

_DIGIT = "0-9０-９٠-٩۰-۹"
_EMAIL = r"[\w.+%-]+\s?(?:[@＠]|[(（\[]at[)）\]])\s?[\w-]+(?:\.[\w-]+)+"
# A phone: eleven digits or more that begin as one, in one run or in groups. No day, no time and no count looks so.
_NEXT = rf"(?:[ \-‐–()（）.]?[{_DIGIT}])"
_PHONE = rf"(?<![\w/])(?:(?:\+[{_DIGIT}]|00?[1-9１-９]){_NEXT}{{8,13}}|[1１][3-9３-９]{_NEXT}{{9,11}})(?!\w)"
_CONTACT = re.compile(f"{_EMAIL}|{_PHONE}")
_BLANK = r" \t\n\r\f"
EMAIL_LIKE = rf"[{_BLANK}]*[^@＠{_BLANK}]+[@＠][^@＠{_BLANK}]+[{_BLANK}]*"
"""For Python and DuckDB, which count other characters as blanks: the pattern lists them."""
_EMAIL_LIKE = re.compile(EMAIL_LIKE)
_QUOTED = re.compile(r"(?<!\w)'.*'|(?<!\w)'.*\Z|`.*`", re.DOTALL)
_DOUBLE_QUOTED = re.compile(r'"[^"]*(?:"|\Z)')
_OWN_NAME = re.compile(r'"[a-z_][a-z0-9_.]*"')
_NUMBER = re.compile(rf"(?<![\w(,.])[+-]?[{_DIGIT}][{_DIGIT}.,:/-]*")
_ECHO = re.compile(r"\n\s*LINE \d+:")
"""DuckDB repeats the query from here on."""

_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def shape_of(text: str) -> str:
    """`11 digits`, `e-mail like`, `text of 14 characters`, or of a short text with digits `text like 00-00-0000`."""
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
    """Whether a phone or an e-mail address stands in the text."""
    return _CONTACT.search(text) is not None


def without_contacts(text: str) -> str:
    """A text of our own, each phone and e-mail address in it replaced by its shape."""
    return _CONTACT.sub(lambda found: f"({shape_of(found[0])})", text)


def without_values(text: str) -> str:
    """What an engine says, without what it quotes and counts: names of our own tables and columns stay."""
    text = _QUOTED.sub("(a text)", _ECHO.split(text)[0])
    text = _DOUBLE_QUOTED.sub(lambda found: found[0] if _OWN_NAME.fullmatch(found[0]) else "(a text)", text)
    text = _NUMBER.sub(lambda found: found[0] if len(found[0]) < 2 else "(a number)", text)
    return _FOREIGN.sub("(a text)", _CONTACT.sub("(a text)", text))


def printable(name: str) -> str:
    """The name of a file or a column in one line: control characters and bytes that are no text as escapes."""
    return "".join(ascii(letter)[1:-1] if category(letter) in ("Cf", *NO_TEXT) else letter for letter in name)


def is_text(name: str) -> bool:
    """Whether a name is one line of text: no control character, no line break, no byte that is no text."""
    return not any(category(letter) in NO_TEXT for letter in name)
