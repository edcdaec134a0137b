"""Writes that are there whole or not at all, even after a kill or a power cut."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(*paths: Path) -> None:
    """Force the contents of files, and the renames inside folders, to disk."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step; a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    move_into_place(partial, path)


def remove(folder: Path) -> None:
    """Delete a folder where there is one. Raises what stops it: the rename that follows would only say "Directory not
    empty"."""
    if folder.is_dir():
        shutil.rmtree(folder)


def move_into_place(partial: Path, path: Path) -> None:
    """Rename a finished file or folder over its final name, durably."""
    sync(partial)
    partial.replace(path)
    sync(path.parent)
