"""Writes that are complete or absent, even after a kill or a power cut."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync(*paths: Path) -> None:
    """Flush files to disk. For a folder, flush the names in it."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` with `content` in one step. A kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    move_into_place(partial, path)


def remove(folder: Path) -> None:
    """Delete a folder if it exists. Raises OSError.

    A later rename over a folder that could not be deleted would hide the reason ("Directory not empty").
    """
    if folder.is_dir():
        shutil.rmtree(folder)


def move_into_place(partial: Path, path: Path) -> None:
    """Rename a finished file or folder to its final name and flush both to disk."""
    sync(partial)
    partial.replace(path)
    sync(path.parent)
