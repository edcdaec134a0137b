"""Texts in the two languages of the dashboards."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
CHOICE = re.compile(r"\{([^|{}]*)\|([^|{}]*)\}")


class Text(NamedTuple):
    """One text, in English and in Chinese."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


def in_language(template: str, language: Language) -> str:
    """The template with `{lang}` replaced by the language, and each `{English|Chinese}` by one of its sides."""
    chosen = CHOICE.sub(lambda match: match[1] if language == "en" else match[2], template)
    return chosen.replace("{lang}", language)
