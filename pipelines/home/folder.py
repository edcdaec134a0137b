"""The folder of the home: create it, or expect it. Importing this module is cheap."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import TierhouseError


class HomeMissing(TierhouseError):
    """The home does not exist, and the command does not create it."""


class HomeNotWritable(TierhouseError):
    """The home cannot be created."""


def make_home(home: Path) -> None:
    """Create the folder of the home if it is missing. Raises HomeNotWritable."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeNotWritable(
            f"{home} cannot be created ({error.strerror}): set TIERHOUSE_HOME to a folder that can be written"
        ) from error


def assert_home_exists(home: Path) -> None:
    """Raise HomeMissing if the home does not exist."""
    if not home.is_dir():
        raise HomeMissing(f"there is no home {home} (TIERHOUSE_HOME): `tierhouse demo` or `tierhouse run` makes one")
