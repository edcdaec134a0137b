"""Files of the store: writes that are on the disk when they return, and JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from models.errors import ModelStoreError


def write_file(path: Path, content: bytes) -> None:
    """Write and fsync."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Replace the file in one step: a reader sees the old content or the new."""
    draft = path.with_name(f".{path.name}.new")
    write_file(draft, content)
    draft.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_json(path: Path) -> Any:
    """The content of a JSON file. Raises ModelStoreError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelStoreError(f"{path}: expected readable JSON, found: {error}") from error


def as_json(content: Any) -> bytes:
    """JSON to write, indented; refuses NaN."""
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
