"""The limit of numerical libraries to one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[object]:
    """Limit BLAS and OpenMP to one thread.

    Sums then have a fixed order on every machine, and threads do not wait for each other on a busy machine.
    """
    return _controller().limit(limits=1)


@cache
def _controller() -> ThreadpoolController:
    # The search for loaded libraries takes milliseconds, the limit itself almost nothing.
    return ThreadpoolController()
