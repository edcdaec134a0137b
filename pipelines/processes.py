"""Processes that the house starts, and when they end."""

from __future__ import annotations

import os
import threading
import time


def end_with(parent: int, poll_seconds: float = 0.5) -> None:
    """Kill this process as soon as its parent is another than `parent`. Polling works where `prctl` does not exist."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(poll_seconds)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()
