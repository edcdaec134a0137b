"""Errors that the command line shows as one line. Importing this module is cheap: no Dagster, no DuckDB."""

from __future__ import annotations

from pathlib import Path

from models.errors import ModelError

FORESEEN = (ValueError, RuntimeError, ModelError)
"""The bases of our own errors: each says what was expected, what was found and where."""


class HomeMissing(ValueError):
    """The home does not exist, and the command only reads it."""


class HomeNotWritable(ValueError):
    """The home cannot be created or written."""


class RunInterrupted(Exception):
    """Ctrl-C stopped a run. The text says what became of it."""


def make_home(home: Path) -> None:
    """Create the folder of the home where there is none. Raises HomeNotWritable."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeNotWritable(
            f"{home} cannot be created ({error.strerror}): set TIERHOUSE_HOME to a folder that can be written"
        ) from error
