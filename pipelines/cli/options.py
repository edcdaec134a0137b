"""Decorators, argument types and defaults that commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

import click

from pipelines.home.folder import assert_home_exists
from pipelines.home.settings import Settings, load_settings


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


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Pass the settings as first argument."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        command(load_settings(), *args, **kwargs)

    return wrapped


def with_home(command: Callable[..., None]) -> Callable[..., None]:
    """Raise HomeMissing if the home does not exist. For commands that do not create a home."""

    @wraps(command)
    def wrapped(settings: Settings, *args: Any, **kwargs: Any) -> None:
        assert_home_exists(settings.home)
        command(settings, *args, **kwargs)

    return wrapped


def day_to_grade(settings: Settings, given: date | None) -> date:
    """Return the given day, or yesterday in the business time zone."""
    return given or settings.now().date() - timedelta(days=1)
