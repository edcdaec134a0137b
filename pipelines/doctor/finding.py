"""The result of a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from pipelines.home.settings import Settings

Status = Literal["ok", "warning", "problem"]


class Finding(NamedTuple):
    """`check`: what was checked. `found`: what is so. `remedy`: what to do, empty if all is well."""

    status: Status
    check: str
    found: str
    remedy: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def ok(check: str, found: str) -> Finding:
    return Finding("ok", check, found)


def warning(check: str, found: str, remedy: str) -> Finding:
    return Finding("warning", check, found, remedy)


def problem(check: str, found: str, remedy: str) -> Finding:
    return Finding("problem", check, found, remedy)
