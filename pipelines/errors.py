"""The family of errors that a user can act on, and what may be shown of any error.

Importing this module is cheap: no Dagster, no DuckDB.
"""

from __future__ import annotations

import re
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

from pipelines.messages import without_contacts, without_values

ROOT = Path(__file__).parents[1]
_FULL_DISK = re.compile(r"No space left on device|Disk quota exceeded|failed to offload data block")
_FULL_DISK_OF_SQLITE = re.compile("database or disk is full|disk I/O error")
_LITTLE_MEMORY = re.compile(r"Out of Memory Error.*?/([\d.]+ \w+) used\)|Out of Memory Error", re.DOTALL)
_PYTHON_MEMORY = (
    "Python needs more memory than the machine or its limit (ulimit -v) gives: lower TIERHOUSE_MEMORY_LIMIT, which is "
    "DuckDB's part, and TIERHOUSE_THREADS, or give the machine more memory, and run the day again"
)
REPORT = "This is a bug in tierhouse. Please report it, with the lines above, to the project's issue tracker."


class TierhouseError(Exception):
    """Base of all errors that a user can act on. The text says what was expected, what was found and what to do.

    `file`, `line` (1-based) and `field` say where in the input the error is, as far as known. The text begins with
    them. `reason` is the text without them.
    """

    def __init__(
        self, reason: str, *, file: str | None = None, line: int | None = None, field: str | None = None
    ) -> None:
        self.file, self.line, self.field, self.reason = file, line, field, reason
        place = ", ".join(part for part in (file, line and f"line {line}", field) if part)
        super().__init__(f"{place}: {reason}" if place else reason)


class RunInterrupted(TierhouseError):
    """Ctrl-C stopped a run. The text says what became of the run."""


def is_foreseen(error: BaseException) -> bool:
    """Whether one line can tell the user what to do: a TierhouseError, or an error of the disk or the memory."""
    of_system = isinstance(error, OSError) and bool(error.strerror)
    own = isinstance(error, TierhouseError | MemoryError)
    return own or of_system or _is_of_duckdb_files(error) or _sqlite_reason(error) is not None


def is_shortage(error: BaseException) -> bool:
    """Whether the memory or the disk is too small, which says nothing about the rows."""
    return isinstance(error, MemoryError) or (_is_of_duckdb_files(error) and shortage(str(error)) is not None)


def shortage(message: str) -> str | None:
    """Return what to do if a message of DuckDB or of the system says that the disk or the memory is too small."""
    if _FULL_DISK.search(message):
        return (
            "the disk is full: free space on the disk of TIERHOUSE_HOME, where DuckDB also puts what exceeds its "
            "memory (*.duckdb.tmp), and run the day again"
        )
    if found := _LITTLE_MEMORY.search(message):
        limit = f" of {found[1]}" if found[1] else ""
        return (
            f"DuckDB needs more memory than its limit{limit}: raise TIERHOUSE_MEMORY_LIMIT or lower TIERHOUSE_THREADS, "
            "and run the day again"
        )
    return None


def plain_error(error: BaseException) -> str:
    """Describe an error in one line that can be logged.

    The message of a library can quote a cell. Only the messages of a TierhouseError and of the operating system are
    shown in full. A message of DuckDB is shown without the values that it quotes. Of any other error the line shows
    the class and the last frames in our own code.
    """
    if isinstance(error, TierhouseError):
        return without_contacts(str(error))
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        return _PYTHON_MEMORY
    own = [f"{file}:{line}" for file, line, _ in _frames(error) if not Path(file).is_absolute() and _is_ours(file)]
    return _class_and_engine_message(error) + (f" at {' > '.join(own[-3:])}" if own and not is_shortage(error) else "")


def full_error(error: BaseException) -> str:
    """Describe an error for the user.

    A foreseen error is one line. For an unforeseen error, which is a bug, the text has the class and all frames of the
    error and of the errors that caused it, and asks to report them. It has no message of a library (see `plain_error`).
    """
    if is_foreseen(error):
        return plain_error(error)
    lines = []
    for link in _chain(error):
        lines.append(f"{'unforeseen' if link is error else 'caused by'} {_class_and_engine_message(link)}")
        lines += [f"    {file}:{line} in {function}" for file, line, function in _frames(link)]
    return "\n".join([*lines, REPORT])


def _is_of_duckdb_files(error: BaseException) -> bool:
    return "duckdb" in type(error).__module__ and type(error).__name__ in ("IOException", "OutOfMemoryException")


def _sqlite_reason(error: BaseException) -> str | None:
    """What to do if Dagster, which keeps its runs in SQLite, cannot write them. `orig`: what SQLAlchemy wraps."""
    origin = getattr(error, "orig", error)
    if type(origin).__module__ == "sqlite3" and (found := _FULL_DISK_OF_SQLITE.search(str(origin))):
        return (
            f"Dagster cannot write the state of the run ({found[0]}): free space on the disk of TIERHOUSE_HOME, and "
            "run the day again"
        )
    return None


def _class_and_engine_message(error: BaseException) -> str:
    """The class; for an error of DuckDB also the first line of its message, without values."""
    if reason := _sqlite_reason(error):
        return reason
    name = type(error).__name__
    if "duckdb" not in type(error).__module__:
        return name
    if _is_of_duckdb_files(error) and (short := shortage(str(error))):
        return short
    message = str(error).strip() if _is_of_duckdb_files(error) else without_values(str(error))
    return f"{name}: {without_contacts(message.splitlines()[0])}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then the errors that caused it, as Python shows them."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _frames(error: BaseException) -> list[tuple[str, int, str]]:
    """File, line and function of each frame, outermost first. Files of packages begin with the package."""
    return [
        (_short_path(Path(frame.filename)), frame.lineno or 0, frame.name)
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def _short_path(file: Path) -> str:
    for folder in (sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"), ROOT):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return str(file)


def _is_ours(file: str) -> bool:
    return file.split("/")[0] in ("pipelines", "models", "expectations")
