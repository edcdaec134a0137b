"""Errors of a step as Dagster failures, without customer data; a retry where a retry can help."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg
import duckdb
from dagster._core.errors import DagsterError

from pipelines.errors import full_error, is_foreseen, plain_error
from pipelines.home.settings import PROJECT_ROOT

MAX_RETRIES = 2
FIRST_WAIT_SECONDS = 2


@contextmanager
def errors_as_failures(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Generator[None]:
    """Turn an error into a `dg.Failure` without customer data. Ask for a retry after I/O errors.

    The description is one line for a foreseen error. For an unforeseen error it has the class, the frames and the
    request to report it. No cause is chained: Dagster stores causes, and the message of a library can quote a cell.
    Waits 2, then 4 seconds before a retry: a disk or a lock can recover, a wrong mapping cannot.
    """
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        tries = context.op_execution_context.retry_number + 1
        if tries > MAX_RETRIES:
            text = f"{plain_error(error)}, {tries} times" if is_foreseen(error) else full_error(error)
            raise failure(text) from None
        wait = FIRST_WAIT_SECONDS * 2 ** (tries - 1)
        context.log.warning(f"{plain_error(error)}; trying again in {wait} s")
        raise dg.RetryRequested(MAX_RETRIES, seconds_to_wait=wait) from None
    except (dg.Failure, dg.RetryRequested, DagsterError):
        raise
    except Exception as error:
        raise failure(full_error(error)) from None


def failure(text: str) -> dg.Failure:
    """Return the failure of a step, which Dagster does not retry. Dagster shows the text on the page of the run."""
    runbook = dg.MetadataValue.path(str(PROJECT_ROOT / "docs" / "runbook.md"))
    return dg.Failure(description=text, metadata={"what a message means": runbook}, allow_retries=False)
