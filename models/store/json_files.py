"""JSON files of the model store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.errors import ModelStoreError


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises ModelStoreError if the file is missing or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelStoreError(f"{path}: expected readable JSON, got: {error}") from error


def as_json(content: Any) -> bytes:
    """Format content as indented JSON. Raises ValueError for NaN."""
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
