"""Writes that are there whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path


def sync(path: Path) -> None:
    """Force a file or a folder's entries to disk."""
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


def write_json(path: Path, value: object) -> None:
    write_atomically(path, (json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n").encode())


def move_into_place(partial: Path, path: Path) -> None:
    """Rename a finished file or folder over its final name, durably."""
    sync(partial)
    partial.replace(path)
    sync(path.parent)
