"""A day as an argument of the command line."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click


class Day(click.ParamType):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> date:
        """The day. Fails with what was expected, or with the day that does not exist."""
        if isinstance(value, date):
            return value
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail(f"expected a day as YYYY-MM-DD, found {value!r}", parameter, context)
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"there is no day {value}", parameter, context)


DAY = Day()
