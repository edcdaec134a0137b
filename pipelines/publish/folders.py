"""Folders of versions. A folder gets its name only when all files are on disk and in the checksum log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from pipelines.home.durable import move_into_place, remove, sync, write_atomically
from pipelines.integrity.check import folder_is_damaged
from pipelines.integrity.log import changing
from pipelines.integrity.sums import file_sum_once

MANIFEST = "manifest.json"


def partial_folder(versions: Path, version_id: str) -> Path:
    """Create and return an empty folder in which to build a version."""
    versions.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = versions / f".{version_id}.partial"
    remove(partial)
    partial.mkdir(mode=0o700)
    return partial


def put_in_place(partial: Path, versions: Path, version_id: str, rows: Mapping[str, int]) -> None:
    """Write the manifest of a built folder and give the folder its name.

    A retried step builds its version twice. The second folder replaces the first, unless the first is live and
    undamaged: a live version may have readers.

    Parameters
    ----------
    versions: `<home>/published/versions` or `<home>/crm_export/versions`.
    rows: rows by table (or by source), written to the manifest.
    """
    home, target = versions.parents[1], versions / version_id
    files = {path.name: asdict(file_sum_once(path)) for path in sorted(partial.iterdir())}
    content = {"version": version_id, "files": files, "rows": dict(rows)}
    manifest = partial / MANIFEST
    write_atomically(manifest, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    manifest.chmod(0o600)
    sync(*partial.iterdir())
    if _is_live(versions, version_id) and not folder_is_damaged(home, target):
        remove(partial)
        return
    with changing(home, target / MANIFEST, *report_files(target)):
        remove(target)
        move_into_place(partial, target)


def report_files(version: Path) -> Iterator[Path]:
    """Yield the pages of the report in the folder of a version. The log lists them; the manifest does not."""
    yield from version.glob("report.html")
    yield from version.glob("report/agents/*.html")


def _is_live(versions: Path, version_id: str) -> bool:
    link = versions.parent / "current"
    return link.is_symlink() and link.readlink().name == version_id
