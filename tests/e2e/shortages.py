"""Runs that the machine has too little room for: little memory, and a folder for spilled data that is full."""

from __future__ import annotations

import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.home import LAST_DAY, fingerprint, tierhouse

SEEDS_DO_NOT_FIT, MUST_SPILL = "30MB", "64MB"
"""Memory limits: with the second, the core of the demo spills more than SPILL."""
SPILL = "1m"


class Refused(NamedTuple):
    """A run that failed. `before`, `after`: fingerprints of what is published and of the ledger."""

    done: subprocess.CompletedProcess[str]
    before: list[dict[str, str]]
    after: list[dict[str, str]]


def run_with_little_memory(home: Path) -> Refused:
    return _run(home, SEEDS_DO_NOT_FIT)


def run_with_a_full_spill_folder(home: Path) -> Refused | None:
    """None where this account may not mount a small file system."""
    with _small(home / "warehouse.duckdb.tmp") as is_small:
        return _run(home, MUST_SPILL) if is_small else None


def _run(home: Path, memory: str) -> Refused:
    before = _kept(home)
    done = tierhouse(home, "run", "--as-of", LAST_DAY, check=False, TIERHOUSE_MEMORY_LIMIT=memory)
    return Refused(done, before, _kept(home))


def _kept(home: Path) -> list[dict[str, str]]:
    return [fingerprint(home / name) for name in ("published", "ledger")]


@contextmanager
def _small(folder: Path) -> Generator[bool]:
    """Mount a file system of SPILL at a folder; yields whether that is possible here."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SPILL}", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        is_mounted = False
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()
