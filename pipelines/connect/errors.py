"""Errors of connections. No message contains a password, a token, or the value of a cell."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.errors import TierhouseError
from pipelines.messages import printable, without_contacts


class ConnectError(TierhouseError):
    """A table could not be pulled. What earlier pulls committed stays as it is."""


def first_line(error: BaseException, secrets: Iterable[str]) -> str:
    """Return the first line of a library's message without secrets and contacts, at most 200 characters."""
    text = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return printable(without_contacts(text.strip()))[:200]
