"""Vocabularies: words of real exports and the codes that they mean.

A word that is in no vocabulary is unknown, and the draft asks the user for its translation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from pipelines.ingest.draft.words.chinese import simplified

NO_ROW = ""
"""The code of a word whose lines make no row: a deal that is not won, a visit that is only planned."""

YES, NO = "true,yes,1,1.0,t,y,on,x,checked,是,有", "false,no,0,0.0,f,n,off,unchecked,否,无"


def normal(text: str) -> str:
    """The text as vocabularies compare it: half-width, simplified, lower case, without punctuation."""
    plain = simplified(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(re.findall(r"[^\W_]+", plain))


def vocabulary(words_by_code: Mapping[str, str]) -> dict[str, str]:
    """Normal word to code. `words_by_code`: code to its words, separated by commas."""
    return {normal(word): code for code, words in words_by_code.items() for word in words.split(",")}
