"""The audit log of a home: exports, erasures, access and overrides. Append-only, without identifiers of customers."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.home.settings import Settings
from pipelines.texts.shapes import is_contact

MASKED = "(masked)"


@dataclass(frozen=True)
class Entry:
    """`at`: ISO, business time. `subject`: a keyed hash of a person, or the id of a batch, version or check."""

    at: str
    action: str
    by: str
    subject: str
    detail: Mapping[str, Any]


def audit_file(settings: Settings) -> Path:
    return settings.audit / "log.jsonl"


def record(settings: Settings, action: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
    """Append an entry. A text that has a phone or an e-mail is masked."""
    entry = {
        "at": settings.now().isoformat(timespec="seconds"),
        "action": action,
        "by": getpass.getuser(),
        "subject": _safe(subject),
        "detail": {name: _safe(value) for name, value in (detail or {}).items()},
    }
    settings.audit.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(audit_file(settings), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.write((json.dumps(entry, ensure_ascii=False) + "\n").encode())
        log.flush()
        os.fsync(log.fileno())


def entries(settings: Settings) -> list[Entry]:
    """Return all entries, oldest first. Skips a half-written last line."""
    file = audit_file(settings)
    lines = file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else []
    return [Entry(**json.loads(line)) for line in lines]


def _safe(value: Any) -> Any:
    return MASKED if isinstance(value, str) and is_contact(value) else value
