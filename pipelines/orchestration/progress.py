"""Progress lines of a run on standard error: steps, log messages, and a sign of life in long steps."""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import TextIO

import dagster as dg

QUIET_SECONDS = 8.0


class Progress:
    """Writes progress lines, with seconds since the start. After eight silent seconds, names the current work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._started = self._last = time.monotonic()
        self._doing: str | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._watch, daemon=True, name="progress").start()

    def say(self, text: str) -> None:
        with self._lock:
            self._last = time.monotonic()
            self._stream.write(f"[{self._last - self._started:6.1f} s] {text}\n")
            self._stream.flush()

    def at(self, part: str | None) -> None:
        """Set the current work without an end of silence: in a long step the next line names the part that it is at."""
        self._doing = part

    def doing(self, what: str | None) -> None:
        """Set the current work, or None if there is none."""
        self._doing = what
        self._last = time.monotonic()

    def _watch(self) -> None:
        while True:
            time.sleep(1)
            if self._doing and time.monotonic() - self._last >= QUIET_SECONDS:
                self.say(f"  ... still at {self._doing}")


PROGRESS = Progress(sys.stderr)


class _Handler(logging.Handler):
    """Writes Dagster's events and log messages as progress lines."""

    def emit(self, record: logging.LogRecord) -> None:
        meta = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        if event is None:
            # Dagster logs each step that cannot run after a failure. The command line lists these steps once.
            message = meta.get("orig_message", "")
            is_of_run = meta.get("step_key") or meta.get("resource_name")
            if record.levelno >= logging.INFO and is_of_run and not message.startswith("Dependencies for"):
                PROGRESS.say(f"  {message}")
        elif event.event_type == dg.DagsterEventType.STEP_START:
            PROGRESS.doing(event.step_key)
            PROGRESS.say(event.step_key)
        elif event.event_type in (dg.DagsterEventType.STEP_SUCCESS, dg.DagsterEventType.STEP_FAILURE):
            PROGRESS.doing(None)
        elif event.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY:
            PROGRESS.say(f"  {event.step_key} failed; Dagster retries it")


@dg.logger(config_schema=None, description="Progress lines on standard error, for the command line.")
def progress_logger(_context: dg.InitLoggerContext) -> logging.Logger:
    logger = logging.Logger("tierhouse", logging.DEBUG)
    logger.addHandler(_Handler())
    return logger
