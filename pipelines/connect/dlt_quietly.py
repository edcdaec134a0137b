"""Imports dlt without telemetry. dlt takes a second to import, so only a pull does it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlt.sources.helpers.rest_client import RESTClient


def quiet_dlt() -> None:
    """Switch telemetry and log off. Call before dlt is imported."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "CRITICAL")


def rest_client(url: str) -> RESTClient:
    """Return a client that waits and repeats after 429 (`Retry-After`), 5xx and lost connections, five times."""
    quiet_dlt()
    from dlt.sources.helpers.requests import Client
    from dlt.sources.helpers.rest_client import RESTClient

    session = Client(
        raise_for_status=False,
        request_timeout=60,
        request_max_attempts=5,
        request_backoff_factor=BACKOFF_SECONDS,
        request_max_retry_delay=300,
    ).session
    return RESTClient(url, session=session)


BACKOFF_SECONDS = 1.0
"""The first wait before a repeated request, if the server names no time. Each further wait is twice as long."""
