"""Rebuild missing or damaged manifests of batches, if the checksum log confirms the result."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipelines.home.durable import write_atomically
from pipelines.integrity.check import is_whole
from pipelines.integrity.log import read_log
from pipelines.integrity.places import BATCH_MANIFESTS, batch_of
from pipelines.integrity.sums import FileSum


def rebuild_manifests(home: Path) -> list[str]:
    """Rebuild each missing or damaged manifest from `batch.json` beside the rows of the batch.

    Writes a manifest only if the checksum log has its sum. Returns the names of the rebuilt manifests.
    """
    log = read_log(home)
    if log is None:
        return []
    rebuilt = []
    for name in sorted(log.of(BATCH_MANIFESTS) - log.changing):
        if is_whole(home, home / name):
            continue
        content = _from_rows(home, name)
        if content and FileSum(len(content), hashlib.sha256(content).hexdigest()) == log.files[name]:
            write_atomically(home / name, content)
            rebuilt.append(name)
    return rebuilt


def _from_rows(home: Path, manifest: str) -> bytes | None:
    record = home / "landing" / "data" / (batch_of(manifest) or "") / "batch.json"
    try:
        content = json.loads(record.read_bytes()) | {"seq": int(Path(manifest).stem.partition("-")[0])}
    except (OSError, ValueError, TypeError):
        return None
    return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
