"""Reads the words of a column by a vocabulary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.ingest.draft.words.vocabulary import normal

SHOWN = 12
"""A message quotes at most this many words."""

_NUMBER = re.compile(r"\d[\d ()-]{4,}")
_BETWEEN = re.compile(r"\s+-\s+|[–—/|(（:：]")


@dataclass(frozen=True)
class Reading:
    """The texts of a column, the most frequent first.

    `codes`: text to code, None for an unknown word. `lines`: text to number of lines.
    """

    codes: dict[str, str | None]
    lines: dict[str, int]

    @property
    def known(self) -> dict[str, str]:
        return {text: code for text, code in self.codes.items() if code is not None}

    @property
    def unknown(self) -> list[str]:
        return [text for text, code in self.codes.items() if code is None]

    def with_code(self, *codes: str) -> list[str]:
        return [text for text, code in self.codes.items() if code in codes]

    @property
    def is_of_words(self) -> bool:
        """Whether most lines have a short word and not a free note."""
        return 2 * sum(self.lines[text] for text in self.codes if _is_word(text)) >= sum(self.lines.values())

    @property
    def is_mostly_known(self) -> bool:
        """Whether most lines have a known word. Then unknown words are also states and not names of people."""
        return 2 * sum(self.lines[text] for text in self.known) > sum(self.lines.values())

    @property
    def has_names(self) -> bool:
        """Whether unknown texts can be names of people or notes. The mapping must not contain them."""
        return bool(self.unknown) and not (self.is_mostly_known and all(map(_is_word, self.unknown)))

    def counted(self, texts: Sequence[str]) -> str:
        """The texts with their number of lines, for a message: at most SHOWN texts that cannot be names of people.

        Known words are shown. An unknown text is shown only if it is short and repeated in a column of mostly known
        words.
        """
        is_mostly_known = self.is_mostly_known
        shown = [
            text
            for text in texts
            if self.codes[text] is not None or (is_mostly_known and self.lines[text] > 1 and _is_word(text))
        ][:SHOWN]
        quoted = ", ".join(f"{text!r} ({self.lines[text]:,})" for text in shown)
        rest = len(texts) - len(shown)
        others = f"{rest:,} {'other ' if quoted else ''}text{'s' * (rest != 1)}"
        return " and ".join(filter(None, [quoted, others if rest else ""]))


def _is_word(text: str) -> bool:
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    return len(text) <= 40 and len(text.split()) <= 5 and chinese <= 8 and "@" not in text and not _NUMBER.search(text)


def read_words(texts: Sequence[str], vocabulary: Mapping[str, str]) -> Reading:
    """Read the texts of a column. `vocabulary`: normal word to code."""
    lines = dict(Counter(texts).most_common())
    return Reading({text: _code(text, vocabulary) for text in lines}, lines)


def _code(text: str, vocabulary: Mapping[str, str]) -> str | None:
    """The code of the text, or the common code of all its parts: `Junk - wrong number`."""
    if (whole := normal(text)) in vocabulary:
        return vocabulary[whole]
    codes = {vocabulary.get(normal(part)) for part in _BETWEEN.split(text) if normal(part)}
    return codes.pop() if len(codes) == 1 else None
