"""Clean up after killed processes: half-written files, folders of dbt, rows without a manifest."""

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
    "published/versions/*/.*.partial",
    "published/versions/*/report/agents/.*.partial",
    "crm_export/versions/.*.partial",
    "crm_export/handed_over/.*.partial",
    "dagster/.*.partial",
    "data_docs/.*.new",
    "dbt/*",
)
"""Glob patterns, relative to the home, of files that a killed process did not finish."""


def clean_up(settings: Settings, say: Callable[[str], None]) -> None:
    """Settle the checksum log, remove leftovers of killed runs and rebuild wrong manifests of batches.

    The caller must hold the lock of the home. Raises IntegrityError if the checksum log is damaged or missing.
    """
    with settled(settings.home) as (unsettled, lines):
        leftovers = [path for pattern in UNFINISHED for path in settings.home.glob(pattern)]
        leftovers += [folder for name in unsettled if (folder := _rows_of(settings, name)) and folder.is_dir()]
        for path in leftovers:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        rebuilt = rebuild_manifests(settings.home)
    lines += [f"{name}: was missing or damaged; rebuilt from batch.json" for name in rebuilt]
    if leftovers:
        lines.append(f"removed {len(leftovers):,} leftovers of earlier runs")
    for line in lines:
        say(line)


def _rows_of(settings: Settings, name: str) -> Path | None:
    """Return the folder of a batch whose commit was killed before its manifest was written, else None."""
    manifest = settings.home / name
    if manifest.parent != settings.landing / "batches" or manifest.exists():
        return None
    return settings.landing / "data" / manifest.stem.partition("-")[2]
