"""The type of command-line arguments that are days."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click


class Day(click.ParamType):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Convert YYYY-MM-DD to a date. Fails with a usage error."""
        if isinstance(value, date):
            return value
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail(f"expected a day as YYYY-MM-DD, got {value!r}", param, ctx)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"there is no day {value}", param, ctx)


DAY = Day()
