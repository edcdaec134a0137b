"""The version of the business rules that a grade was made under."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines.home.settings import DBT_PROJECT

RULES = DBT_PROJECT / "seeds" / "rules"


def rule_version(folder: Path = RULES, rates: Path | None = None) -> str:
    """`rules-` and twelve hex digits of the rule tables' names and content: another number, another version.

    `rates`: the home's own rates, which stand for the table of that name where the file exists.
    """
    digest = hashlib.sha256()
    files = {file.name: file for file in sorted(folder.glob("*.csv"))}
    if rates is not None and rates.exists():
        files[rates.name] = rates
    for file in files.values():
        digest.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return f"rules-{digest.hexdigest()[:12]}"
