"""Delivers messages to all channels at the same time, within a few seconds."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipelines.alerts.words import Message

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase

DEADLINE_SECONDS = 8.0
"""A channel that has not answered by then has failed. A name server or a slow answer can outlast other timeouts."""

_STATUS = re.compile(r"\berror=(\d{3})\b")


def deliver(messages: Mapping[str, Message]) -> dict[str, str | None]:
    """Send a message to each address. Returns address → why it was not delivered, None if it was.

    No reason contains an address. A thread that does not end in time ends with the process.
    """
    from pipelines.alerts.channels import AddressRefused, open_channel

    _silence()
    results: dict[str, str | None] = {}
    threads = []
    for address, message in messages.items():
        try:
            work = (address, open_channel(address), message, results)
        except AddressRefused as error:
            results[address] = str(error)
        else:
            threads.append(threading.Thread(target=_send, args=work, daemon=True, name="alert"))
    deadline = time.monotonic() + DEADLINE_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"no answer within {DEADLINE_SECONDS:g} seconds"
    return {address: results.get(address, late) for address in messages}


def _send(address: str, service: NotifyBase, message: Message, results: dict[str, str | None]) -> None:
    import requests
    from apprise import NotifyFormat, NotifyType

    from pipelines.alerts.channels import ChannelRefused

    types = {"problem": NotifyType.FAILURE, "warning": NotifyType.WARNING, "recovered": NotifyType.SUCCESS}
    lines = _LINES.of_thread.lines = []
    try:
        sent = service.notify(
            body=message.body,
            title=message.title,
            notify_type=types.get(message.level, NotifyType.INFO),
            body_format=NotifyFormat.TEXT,
        )
        results[address] = None if sent else _reason(lines)
    except ChannelRefused as error:
        results[address] = str(error)
    except requests.Timeout:
        results[address] = "no answer in time"
    except requests.RequestException as error:  # its message contains the address
        results[address] = f"no connection ({type(error).__name__})"
    except Exception as error:
        results[address] = f"failed ({type(error).__name__})"


def _reason(lines: list[str]) -> str:
    """Return why apprise failed, from what it logged in this thread. Its lines can contain the address."""
    text = " ".join(lines)
    if status := _STATUS.search(text):
        return f"HTTP {status[1]}"
    return "no connection, or no answer in time" if "onnection" in text else "refused"


class _Lines(logging.Filter):
    """Takes what apprise logs out of all logs, and keeps the warnings of the thread that asks for them."""

    of_thread = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            getattr(self.of_thread, "lines", []).append(record.getMessage())
        return False


_LINES = _Lines()


def _silence() -> None:
    """Keep apprise and urllib3 out of all logs: their lines contain addresses, and these contain secrets."""
    logging.getLogger("apprise").addFilter(_LINES)
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
