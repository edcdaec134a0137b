"""A version's folder: it appears under its name when it is whole, on disk, and in the checksum log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from pipelines.home.durable import move_into_place, remove, sync, write_atomically
from pipelines.integrity.check import folder_is_damaged
from pipelines.integrity.log import changing
from pipelines.integrity.sums import file_sum_once

MANIFEST = "manifest.json"


def partial_folder(versions: Path, version_id: str) -> Path:
    """An empty folder to build a version in."""
    versions.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = versions / f".{version_id}.partial"
    remove(partial)
    partial.mkdir(mode=0o700)
    return partial


def put_in_place(partial: Path, versions: Path, version_id: str, rows: Mapping[str, int]) -> None:
    """List the files of a built folder with their sums, and give the folder its name.

    A step that is tried again builds its version twice: the second one replaces the first, unless the first is live
    already and whole, for it may have readers. `versions`: `<home>/<place>/versions`. `rows`: by table, for whoever
    reads the manifest.
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
    with changing(home, target / MANIFEST):
        remove(target)
        move_into_place(partial, target)


def _is_live(versions: Path, version_id: str) -> bool:
    link = versions.parent / "current"
    return link.is_symlink() and link.readlink().name == version_id
