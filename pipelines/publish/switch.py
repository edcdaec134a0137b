"""The live version: one symbolic link, replaced atomically."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from pipelines.errors import TierhouseError
from pipelines.home.durable import sync
from pipelines.home.settings import Settings
from pipelines.integrity.check import assert_folder, folder_faults
from pipelines.integrity.log import changing, read_log


class VersionMissing(TierhouseError):
    """The published version does not exist."""


def live_version(published: Path) -> str | None:
    """Return the id of the version that `current` points to, or None before the first publication."""
    link = published / "current"
    return link.readlink().name if link.is_symlink() else None


def version_date(version_id: str) -> date:
    """Return the as_of day with which a version id begins."""
    return date.fromisoformat(version_id[:10])


def switch(published: Path, version_id: str) -> None:
    """Point `current` to a version. Open readers keep their files; new readers get the new version.

    Raises VersionMissing with the ids of the existing versions, and IntegrityError if a file of the version changed.
    """
    if not (published / "versions" / version_id).is_dir():
        existing = ", ".join(version_ids(published)) or "none"
        raise VersionMissing(f"no published version {version_id!r}; there are: {existing}")
    assert_folder(published.parent, published / "versions" / version_id)
    partial = published / ".current.partial"
    partial.unlink(missing_ok=True)
    partial.symlink_to(Path("versions") / version_id)
    os.replace(partial, published / "current")  # noqa: PTH105 - Path.replace reads as if it changed the target of the link
    sync(published)


def roll_back(settings: Settings, version_id: str) -> None:
    """Make a kept version and its CRM export live. Checks both before it switches either.

    Raises VersionMissing and IntegrityError.
    """
    export = settings.crm_export / "versions" / version_id
    assert_folder(settings.home, export)
    switch(settings.published, version_id)
    if export.is_dir():  # versions older than the CRM export have no folder
        switch(settings.crm_export, version_id)


def version_ids(published: Path) -> list[str]:
    """Return the ids of all complete versions, oldest day first."""
    versions = published / "versions"
    return sorted(folder.name for folder in versions.glob("[0-9]*")) if versions.is_dir() else []


def prune(published: Path, keep: int) -> list[str]:
    """Delete all but the `keep` latest versions and the live version. Returns the ids of the deleted versions.

    `published`: `<home>/published` or `<home>/crm_export`.
    """
    live = live_version(published)
    by_age = sorted(version_ids(published), key=lambda name: (published / "versions" / name).stat().st_mtime_ns)
    removed = [name for name in by_age[:-keep] if name != live]
    folders = [published / "versions" / name for name in removed]
    if folders:
        with changing(published.parent, *(path for folder in folders for path in folder.rglob("*") if path.is_file())):
            for folder in folders:
                # Rename first: a reader must never find half of a version.
                hidden = folder.with_name(f".{folder.name}.partial")
                shutil.rmtree(folder.rename(hidden))
    return removed


def damaged_versions(published: Path) -> list[str]:
    """Return the faults of the kept versions. Compares file sizes only; `tierhouse verify` compares checksums."""
    home, log = published.parent, read_log(published.parent)
    folders = [published / "versions" / name for name in version_ids(published)]
    return [str(fault) for folder in folders if log for fault in folder_faults(home, log, folder, sizes_only=True)]
