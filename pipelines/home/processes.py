"""Processes that the house starts, and when they end."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from pathlib import Path


def end_with(parent: int, poll_seconds: float = 0.5) -> None:
    """Kill this process as soon as its parent is another than `parent`, or at Ctrl-C, without a word.

    Polling works where `prctl` does not exist.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(poll_seconds)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()


START_SECONDS = 60.0
"""A run that began longer ago has its lock, or was killed before it had one."""


def process_is_gone(lock: Path, started: float | None) -> bool:
    """Whether the process of a run that says it is under way is dead. `started`: seconds since 1970."""
    if lock.exists():
        return is_free(lock)
    return started is not None and time.time() - started > START_SECONDS


def is_free(lock: Path) -> bool:
    """Whether no living process holds the lock file."""
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
