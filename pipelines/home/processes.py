"""Child processes that end with their parent, and locks that show whether a process lives."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from pathlib import Path


def exit_with_parent(parent: int, poll_seconds: float = 0.5) -> None:
    """Exit this process silently when its parent is no longer `parent`, or at Ctrl-C.

    Polls, because not all systems have `prctl`.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(poll_seconds)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()


START_SECONDS = 60.0
"""A living run has its lock file after this time."""


def process_is_gone(lock: Path, started: float | None) -> bool:
    """Whether the process of a started run is dead. `started`: seconds since 1970."""
    if lock.exists():
        return is_free(lock)
    return started is not None and time.time() - started > START_SECONDS


def is_free(lock: Path) -> bool:
    """Whether no living process holds the lock file. Needs only read access, which `filelock` does not allow for."""
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
