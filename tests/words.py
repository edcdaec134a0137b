"""Whether a text is written for people, in one language and without codes."""

from __future__ import annotations

import re

CHINESE = re.compile("[\u4e00-\u9fff]")
CODE = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")
WORD = re.compile("[A-Za-z]{3,}")


def is_chinese(text: str) -> bool:
    """Return whether a text has Chinese characters, no English word and no code in snake_case."""
    unfilled = re.sub(r"\{\w+\}", "", text)
    return bool(CHINESE.search(text)) and not WORD.search(unfilled)


def is_english(text: str) -> bool:
    """Return whether a text has no Chinese character and no code in snake_case."""
    return not CHINESE.search(text) and not CODE.search(text)
