"""The processes that train models."""

from __future__ import annotations

import os
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from pipelines.home.processes import exit_with_parent
from pipelines.home.settings import Settings

_open: list[ProcessPoolExecutor] = []


@contextmanager
def workers(settings: Settings) -> Generator[ProcessPoolExecutor]:
    """Return `settings.threads` processes. They end with the block.

    A block inside another block uses the processes of the outer one: several trainings then start them only once, which
    takes seconds of imports. The processes are spawned: a fork would copy locks of Dagster and DuckDB.
    """
    if _open:
        yield _open[-1]
        return
    with ProcessPoolExecutor(
        settings.threads, get_context("spawn"), initializer=exit_with_parent, initargs=(os.getpid(),)
    ) as pool:
        _open.append(pool)
        try:
            yield pool
        finally:
            _open.remove(pool)
