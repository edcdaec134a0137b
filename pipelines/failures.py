"""How an error reaches an operator: one sentence that says what to do, and no retry where a retry cannot help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from models.errors import ModelError

RETRY_IO = dg.RetryPolicy(max_retries=2, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For steps that touch disks and locks. Everything else fails at once, see `plainly`."""

FORESEEN = (ValueError, RuntimeError, ModelError)
"""The bases of our own errors: each says what was expected, what was found and where."""


@contextmanager
def plainly() -> Iterator[None]:
    """Turn an error that only a person can mend into a `Failure` that says it; I/O errors pass, to be retried."""
    try:
        yield
    except (OSError, duckdb.IOException, dg.Failure):
        raise
    except FORESEEN as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
