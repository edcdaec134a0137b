"""What killed processes leave in a home: half-written files, folders of dbt, rows without a manifest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from pipelines.home.settings import Settings
from pipelines.integrity.log import settled
from pipelines.integrity.rebuild import rebuild_manifests

UNFINISHED = (
    ".*.partial",
    "landing/*/.*.partial",
    "quarantine/.*.partial",
    "dropped/.*.partial",
    "ledger/*/as_of=*/.*.partial",
    "model_store/.saving-*",
    "model_store/.*.partial",
    "published/versions/.*.partial",
    "crm_export/versions/.*.partial",
    "dagster/.*.partial",
    "data_docs/.*.new",
    "dbt/*",
)
"""Patterns below the home of what is whole under another name, or never will be."""


def take_up(settings: Settings, say: Callable[[str], None]) -> None:
    """Settle the checksum log, remove what killed runs left, and write manifests of batches anew where they are wrong.

    For whoever holds the home. Raises IntegrityError where the checksum log was changed or is gone.
    """
    with settled(settings.home) as (unsettled, said):
        left = [path for pattern in UNFINISHED for path in settings.home.glob(pattern)]
        left += [folder for name in unsettled if (folder := _rows_of(settings, name)) and folder.is_dir()]
        for path in left:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        rebuilt = rebuild_manifests(settings.home)
    said += [f"{name}: was gone or damaged, and is written anew from the batch's own record" for name in rebuilt]
    if left:
        said.append(f"removed {len(left):,} leftovers of earlier runs")
    for line in said:
        say(line)


def _rows_of(settings: Settings, name: str) -> Path | None:
    """The folder with the rows of a batch whose commit was killed before its manifest was written."""
    manifest = settings.home / name
    if manifest.parent != settings.landing / "batches" or manifest.exists():
        return None
    return settings.landing / "data" / manifest.stem.partition("-")[2]
