"""What dbt says of failed nodes, in lines without values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipelines.errors import shortage
from pipelines.messages import without_values

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult

_COUNTED = re.compile(r"Got \d+ results?, configured to ")
"""Start of dbt's message for a failed test: a count of rows, no values."""


def has_failed(result: NodeResult) -> bool:
    return result.status in ("error", "fail", "runtime error")


def failure_line(result: NodeResult, others: int = 0) -> str:
    """Return node, file and dbt's message in one line. For a full disk or too little memory: what to do.

    `others`: how many more nodes failed for the same reason.
    """
    node = result.node
    # A message of Spark ends with the frames of the JVM.
    message = (result.message or "").partition("JVM stacktrace:")[0]
    if not _COUNTED.match(" ".join(message.split())):
        message = without_values(message)
    message = " ".join(message.split())
    message = shortage(result.message or "") or message
    more = f" and {others} other{'s' * (others > 1)}" if others else ""
    return f"{node.resource_type} {node.name} ({node.original_file_path}){more}: {message}"


def failure_lines(results: Iterable[NodeResult]) -> list[str]:
    """Return a line for each failed node; nodes that one shortage of memory or disk has stopped share a line."""
    alike: dict[object, list[NodeResult]] = {}
    for result in filter(has_failed, results):
        alike.setdefault(shortage(result.message or "") or id(result), []).append(result)
    return [failure_line(same[0], len(same) - 1) for same in alike.values()]
