"""The readers of a run on the small home, and the faults that `verify` reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.drop.batches import dropped_batches
from pipelines.integrity.places import PLACES, Place
from pipelines.integrity.verify import verify
from pipelines.ledger.acceptances import acceptances
from pipelines.ledger.register import register_ledger
from pipelines.publish.switch import switch
from pipelines.scoring.signatures import assert_champions
from tests.integration.integrity.small_home import AFTER, DAYS

LIVE = "2026-06-30-bbbbbbbb"


def read_landing(settings: Settings) -> None:
    with duckdb.connect() as connection:
        landing.register(connection, settings)


def read_ledger(settings: Settings) -> None:
    with duckdb.connect() as connection:
        register_ledger(connection, settings.ledger, AFTER)
    acceptances(settings)


READERS: dict[str, Callable[[Settings], object]] = {
    "landing": read_landing,
    "dropped": dropped_batches,
    "ledger": read_ledger,
    "model_store": lambda settings: assert_champions(settings, DAYS),
    "published": lambda settings: switch(settings.published, LIVE),
    "crm_export": lambda settings: switch(settings.crm_export, LIVE),
}
"""First folder → what a run reads there."""


def covered(settings: Settings) -> list[str]:
    return [name for place in PLACES for name in place.files(settings.home)]


def is_read(settings: Settings, name: str) -> bool:
    """Whether `READERS` reads the file: no run reads rows that were set aside, other versions, or quarantine."""
    first, *rest = Path(name).parts
    return first in READERS and not unread(settings) & set(rest) and (rest[0] != "versions" or LIVE in rest)


def reported(settings: Settings) -> set[str]:
    return {fault.file for fault in verify(settings.home).faults}


def unread(settings: Settings) -> set[str]:
    """Batches whose rows no run reads."""
    aside = {tombstone.batch.batch for tombstone in landing.rejected(settings)}
    return aside - {through.batch for batch in landing.committed(settings) for through in batch.through}


def one_of(settings: Settings, place: Place, *, last: bool) -> Path:
    files = [name for name in place.files(settings.home) if Path(name).parent.name not in unread(settings)]
    return settings.home / sorted(files)[-1 if last else 0]
