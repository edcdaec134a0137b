"""Errors that the command line shows as one line. Importing this module is cheap: no Dagster, no DuckDB."""

from __future__ import annotations

import traceback
from pathlib import Path

from pipelines.messages import without_contacts, without_values

OUR_CODE = ("pipelines", "models", "expectations")
"""Their errors say what was expected, what was found and where, and quote no cell."""


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


def plain_error(error: BaseException) -> str:
    """What a log may say of an error: our own sentence, else the class, the place in our code and no value.

    The message of a library can quote a cell. DuckDB's is shown without what it quotes, that of the system as it is.
    """
    if type(error).__module__.split(".")[0] in OUR_CODE:
        return without_contacts(str(error))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    said = ""
    if "duckdb" in type(error).__module__:
        is_about_files = type(error).__name__ in ("IOException", "OutOfMemoryException")
        first = str(error).strip().splitlines()[0] if is_about_files else without_values(str(error)).splitlines()[0]
        said = f": {without_contacts(first)}"
    return f"{type(error).__name__}{said}{_place(error)}"


def _place(error: BaseException) -> str:
    """The innermost lines of our own code that the error came through, as far as it has come through any."""
    root = Path(__file__).parents[1]
    frames = [
        f"{Path(frame.filename).relative_to(root)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).is_relative_to(root / name) for name in OUR_CODE)
    ]
    return f" at {' > '.join(frames[-3:])}" if frames else ""
