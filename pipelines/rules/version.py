"""The version of the business rules behind a grade."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

from pipelines.home.settings import DBT_PROJECT

RULES = DBT_PROJECT / "seeds" / "rules"
TEXTS = ("_en", "_zh")
"""Endings of the columns that a person reads. Their texts decide nothing."""


def rule_version(folder: Path = RULES, rates: Path | None = None) -> str:
    """Return `rules-` and twelve hexadecimal digits: a hash of the names and the content of the rules tables.

    A changed text for people is no new version: under a new version all customers are graded by the cuts alone, and
    another wording is no reason for that.

    Parameters
    ----------
    rates: the exchange rates of the home. If the file exists, it replaces the rules table of the same name.
    """
    digest = hashlib.sha256()
    files = {file.name: file for file in sorted(folder.glob("*.csv"))}
    if rates is not None and rates.exists():
        files[rates.name] = rates
    for file in files.values():
        digest.update(file.name.encode() + b"\0" + _content(file) + b"\0")
    return f"rules-{digest.hexdigest()[:12]}"


def _content(file: Path) -> bytes:
    """Return the content of a table without the columns of TEXTS; all bytes if it has no such column."""
    content = file.read_bytes().replace(b"\r\n", b"\n")
    header = content.split(b"\n", 1)[0].decode(errors="replace").split(",")
    if not any(column.endswith(TEXTS) for column in header):
        return content
    rows = list(csv.reader(io.StringIO(content.decode())))
    kept = [place for place, column in enumerate(rows[0]) if not column.endswith(TEXTS)]
    return "\n".join("\x1f".join(row[place] for place in kept if place < len(row)) for row in rows).encode()
