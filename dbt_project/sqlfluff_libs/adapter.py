"""Stand-in for dbt's adapter: any dispatched macro renders as a function of its own name."""

from __future__ import annotations

from collections.abc import Callable


def dispatch(name: str) -> Callable[..., str]:
    return lambda *arguments: f"{name}({', '.join(map(str, arguments))})"
