"""Texts in the two languages of the dashboards."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
CHOICE = re.compile(r"\{([^|{}]*)\|([^|{}]*)\}")
MEMBER = re.compile(r"\{member ([\w.]+)\}")
MEMBERS = {"unknown": "{Unknown|未知}", "(masked)": "{(masked)|（已隐藏）}", "unassigned": "{Unassigned|未分配}"}
"""Labels of the codes that stand among names of channels, projects and agents."""


class Text(NamedTuple):
    """One text, in English and in Chinese."""

    en: str
    zh: str

    def in_(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


def in_language(template: str, language: Language) -> str:
    """The SQL with the texts of a language.

    `{lang}` is the language, `{English|Chinese}` one of its sides, and `{member column}` the column with `MEMBERS`
    in place of their codes.
    """
    cases = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in MEMBERS.items())
    sql = MEMBER.sub(lambda match: f"CASE {match[1]} {cases} ELSE {match[1]} END", template)
    return CHOICE.sub(lambda match: match[1] if language == "en" else match[2], sql).replace("{lang}", language)
