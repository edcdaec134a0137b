"""How an error reaches an operator: one sentence that says what to do, and a retry only where one can help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import duckdb
from dagster._core.errors import DagsterError

from pipelines.errors import plain_error

MAX_RETRIES = 2
FIRST_WAIT_SECONDS = 2


@contextmanager
def plainly(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[None]:
    """Turn an error into a `Failure` that says it without a value; ask for another try after I/O errors.

    Waits 2, then 4 seconds: disks and locks recover, a wrong mapping does not. Dagster stores messages and the errors
    that they come from, and a library's message can quote a cell: none is chained.
    """
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        said, tried = plain_error(error), context.op_execution_context.retry_number
        if tried == MAX_RETRIES:
            raise dg.Failure(description=f"{said}, {tried + 1} times", allow_retries=False) from None
        wait = FIRST_WAIT_SECONDS * 2**tried
        context.log.warning(f"{said}; trying again in {wait} s")
        raise dg.RetryRequested(MAX_RETRIES, seconds_to_wait=wait) from None
    except (dg.Failure, dg.RetryRequested, DagsterError):
        raise
    except Exception as error:
        raise dg.Failure(description=plain_error(error), allow_retries=False) from None
