"""Which version is live: one symbolic link, replaced in one step."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

from pipelines.durable import sync


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

    Raises VersionMissing, listing those there are.
    """
    if not (published / "versions" / version_id).is_dir():
        known = ", ".join(version_ids(published)) or "none"
        raise VersionMissing(f"no published version {version_id!r}; there are: {known}")
    partial = published / ".current.partial"
    partial.unlink(missing_ok=True)
    partial.symlink_to(Path("versions") / version_id)
    os.replace(partial, published / "current")  # noqa: PTH105 - Path.replace would say the same of a link less plainly
    sync(published)


def version_ids(published: Path) -> list[str]:
    """Every whole version, oldest day first."""
    versions = published / "versions"
    return sorted(folder.name for folder in versions.glob("[0-9]*")) if versions.is_dir() else []


def prune(published: Path, keep: int) -> list[str]:
    """Remove all but the `keep` latest versions, never the live one. Returns what was removed."""
    live = live_version(published)
    by_age = sorted(version_ids(published), key=lambda name: (published / "versions" / name).stat().st_mtime_ns)
    removed = [name for name in by_age[:-keep] if name != live]
    for name in removed:
        shutil.rmtree(published / "versions" / name)
    return removed
