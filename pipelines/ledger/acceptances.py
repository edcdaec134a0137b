"""Changes that operators have accepted as real: one file per acceptance, append-only."""

from __future__ import annotations

import getpass
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings
from pipelines.integrity.check import assert_files, files_of
from pipelines.integrity.log import changing
from pipelines.integrity.places import ACCEPTANCES

PATH = ("source", "entity", "rule", "field")
"""The parts of the path of a check. An acceptance with a shorter path is for all checks below it."""


@dataclass(frozen=True)
class Acceptance:
    """An accepted change. `accepted_from`: the check compares days since then. `accepted_at`: ISO, business time."""

    check: str
    accepted_from: date
    reason: str
    accepted_by: str
    accepted_at: str


def accept(settings: Settings, check: str, accepted_from: date, reason: str) -> Acceptance:
    """Write an acceptance and return it."""
    at = settings.now().isoformat(sep=" ", timespec="seconds")
    acceptance = Acceptance(check.strip("/"), accepted_from, reason.strip(), getpass.getuser(), at)
    text = json.dumps(asdict(acceptance), default=str, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    folder = settings.ledger / "acceptances"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = max((int(path.stem.split("-")[0]) for path in files_of(settings.home, ACCEPTANCES)), default=0) + 1
    path = folder / f"{number:06d}-{digest}.json"
    with changing(settings.home, path):
        write_atomically(path, text.encode())
    return acceptance


def acceptances(settings: Settings) -> list[Acceptance]:
    """Return all acceptances of the home, oldest first. Raises IntegrityError if a file is damaged."""
    paths = files_of(settings.home, ACCEPTANCES)
    assert_files(settings.home, paths)
    return [_parse(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def _parse(content: dict[str, Any]) -> Acceptance:
    return Acceptance(**content | {"accepted_from": date.fromisoformat(content["accepted_from"])})


def write_acceptances(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill `scope.acceptances` (grain: acceptance), without the person and the reason."""
    columns = ", ".join(f"{name} VARCHAR" for name in PATH)
    connection.execute(f"CREATE OR REPLACE TABLE scope.acceptances ({columns}, accepted_from DATE)")
    for acceptance in acceptances(settings):
        connection.execute(
            "INSERT INTO scope.acceptances VALUES (?, ?, ?, ?, ?)",
            [*_parts(acceptance.check), acceptance.accepted_from],
        )


def _parts(check: str) -> list[str | None]:
    parts = check.split("/", len(PATH) - 1)
    return [*parts, *[None] * (len(PATH) - len(parts))]
