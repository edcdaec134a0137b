"""The version of the business rules behind a grade."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipelines.home.settings import DBT_PROJECT

RULES = DBT_PROJECT / "seeds" / "rules"


def rule_version(folder: Path = RULES, rates: Path | None = None) -> str:
    """Return `rules-` and twelve hexadecimal digits: a hash of the names and the content of the rules tables.

    `rates`: the exchange rates of the home. If the file exists, it replaces the rules table of the same name.
    """
    digest = hashlib.sha256()
    files = {file.name: file for file in sorted(folder.glob("*.csv"))}
    if rates is not None and rates.exists():
        files[rates.name] = rates
    for file in files.values():
        digest.update(file.name.encode() + b"\0" + file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return f"rules-{digest.hexdigest()[:12]}"
