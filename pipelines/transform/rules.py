"""The version of the business rules that a grade was made under."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines.settings import DBT_PROJECT

RULES = DBT_PROJECT / "seeds" / "rules"


def rule_version(folder: Path = RULES) -> str:
    """`rules-` and twelve hex digits of the rule tables' names and content: another number, another version."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.csv")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return f"rules-{digest.hexdigest()[:12]}"
