"""What commands share: the settings, a home that must exist, the day to grade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

from pipelines.errors import HomeMissing
from pipelines.home.settings import Settings, load_settings


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        command(load_settings(), *args, **kwargs)

    return wrapped


def with_home(command: Callable[..., None]) -> Callable[..., None]:
    """For commands that only read a home or change what is in it: they never make one."""

    @wraps(command)
    def wrapped(settings: Settings, *args: Any, **kwargs: Any) -> None:
        if not settings.home.is_dir():
            raise HomeMissing(
                f"there is no home {settings.home} (TIERHOUSE_HOME): `tierhouse demo` or `tierhouse run` makes one"
            )
        command(settings, *args, **kwargs)

    return wrapped


def day_to_grade(settings: Settings, given: date | None) -> date:
    return given or settings.now().date() - timedelta(days=1)
