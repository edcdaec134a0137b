"""Which version is live: one symbolic link, replaced in one step."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from pipelines.home.durable import sync
from pipelines.home.settings import Settings
from pipelines.integrity.check import assert_folder, folder_faults
from pipelines.integrity.log import changing, read_log


class VersionMissing(ValueError):
    """There is no such published version."""


def live_version(published: Path) -> str | None:
    """The id of the version that `current` points to, or null before the first publication."""
    link = published / "current"
    return link.readlink().name if link.is_symlink() else None


def as_of_of(version_id: str) -> date:
    """The day of a version: ids begin with it."""
    return date.fromisoformat(version_id[:10])


def switch(published: Path, version_id: str) -> None:
    """Point `current` to a version. Open readers keep the files they hold; new ones see the new version.

    Raises VersionMissing, listing those there are, and IntegrityError for a version that is not as it was written.
    """
    if not (published / "versions" / version_id).is_dir():
        known = ", ".join(version_ids(published)) or "none"
        raise VersionMissing(f"no published version {version_id!r}; there are: {known}")
    assert_folder(published.parent, published / "versions" / version_id)
    partial = published / ".current.partial"
    partial.unlink(missing_ok=True)
    partial.symlink_to(Path("versions") / version_id)
    os.replace(partial, published / "current")  # noqa: PTH105 - Path.replace would say the same of a link less plainly
    sync(published)


def roll_back(settings: Settings, version_id: str) -> None:
    """Make a kept version live, with its CRM export; neither moves unless both are as they were written.

    Raises VersionMissing and IntegrityError.
    """
    export = settings.crm_export / "versions" / version_id
    assert_folder(settings.home, export)
    switch(settings.published, version_id)
    if export.is_dir():  # versions of before there was an export have none
        switch(settings.crm_export, version_id)


def version_ids(published: Path) -> list[str]:
    """Every whole version, oldest day first."""
    versions = published / "versions"
    return sorted(folder.name for folder in versions.glob("[0-9]*")) if versions.is_dir() else []


def prune(published: Path, keep: int) -> list[str]:
    """Remove all but the `keep` latest versions, never the live one. Returns what was removed.

    `published`: `<home>/published`, or the CRM export beside it.
    """
    live = live_version(published)
    by_age = sorted(version_ids(published), key=lambda name: (published / "versions" / name).stat().st_mtime_ns)
    removed = [name for name in by_age[:-keep] if name != live]
    folders = [published / "versions" / name for name in removed]
    if folders:
        with changing(published.parent, *(path for folder in folders for path in folder.iterdir())):
            for folder in folders:
                # In one step: half of a version must not look like a version.
                hidden = folder.with_name(f".{folder.name}.partial")
                shutil.rmtree(folder.rename(hidden))
    return removed


def damaged_versions(published: Path) -> list[str]:
    """What is wrong with the kept versions, by the sizes of their files alone; `tierhouse verify` reads them."""
    home, log = published.parent, read_log(published.parent)
    folders = [published / "versions" / name for name in version_ids(published)]
    return [str(fault) for folder in folders if log for fault in folder_faults(home, log, folder, sizes_only=True)]
