"""How an error reaches an operator: one sentence that says what to do, and a retry only where one can help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb

from pipelines.errors import FORESEEN

MAX_RETRIES = 2
FIRST_WAIT_SECONDS = 2


@contextmanager
def plainly(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[None]:
    """Turn an error that only a person can mend into a `Failure` that says it; ask for another try after I/O errors.

    Waits 2, then 4 seconds: disks and locks recover, a wrong mapping does not.
    """
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        wait = FIRST_WAIT_SECONDS * 2**context.op_execution_context.retry_number
        context.log.warning(f"{error}; trying again in {wait} s")
        raise dg.RetryRequested(MAX_RETRIES, seconds_to_wait=wait) from error
    except FORESEEN as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
