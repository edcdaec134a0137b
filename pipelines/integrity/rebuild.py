"""Manifests of batches that are gone or damaged, written anew where that is proven to be right."""

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
    """Write each manifest anew whose bytes `batch.json`, which lies beside the rows, gives just as the log has them.

    Returns their names.
    """
    log = read_log(home)
    rebuilt = []
    for name in sorted(log.of(BATCH_MANIFESTS) - log.changing) if log else ():
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
