"""Lists the files in the drop folder and finds the complete ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import plain_error
from pipelines.home.settings import Settings
from pipelines.messages import printable

REJECTED = "rejected"
UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp")
"""File name endings of unfinished uploads."""

State = tuple[int, int, int]
"""Size, time of change in ns, inode. If two scans see the same state, nobody wrote to the file in between."""


@dataclass(frozen=True)
class Scan:
    """The files in the drop folder; their names are paths below it.

    `states`: each file with its state. `complete`: the complete files by folder ("" for the drop folder itself).
    `waiting`: new files and files that changed since the last scan. `problems`: a sentence for each path that cannot be
    read or is no file.
    """

    states: Mapping[str, State]
    complete: Mapping[str, tuple[str, ...]]
    waiting: tuple[str, ...]
    problems: tuple[str, ...]


def scan(settings: Settings, before: Mapping[str, State]) -> Scan:
    """Scan the drop folder. `before`: the states of the last scan.

    A file is complete if it did not change since the last scan. The files of a folder are complete only together, so
    that leads and their deals come in one batch. Hidden files, unfinished uploads and links are skipped.
    """
    states, problems = _list_files(settings.drop)
    waiting = tuple(name for name, state in states.items() if before.get(name) != state)
    growing = {folder_of(name) for name in waiting}
    complete: dict[str, tuple[str, ...]] = {}
    for name in states:
        folder = folder_of(name)
        if folder not in growing:
            complete[folder] = (*complete.get(folder, ()), name)
    return Scan(states, complete, waiting, tuple(problems))


def state_of(path: Path) -> State:
    """The state of a file. Raises OSError if the file is gone or cannot be read."""
    status = path.lstat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def folder_of(name: str) -> str:
    """The first folder of a path below the drop folder; "" for a file in the drop folder itself."""
    return name.split("/", 1)[0] if "/" in name else ""


def _list_files(drop: Path) -> tuple[dict[str, State], list[str]]:
    """The states of all files, ordered by path, and problems."""
    states: dict[str, State] = {}
    problems: list[str] = []

    def add_problem(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            problems.append(printable(plain_error(error)))

    for folder, _, names in os.walk(drop, onerror=add_problem):
        for name in names:
            path = (Path(folder) / name).relative_to(drop)
            if path.parts[0] == REJECTED or _is_unfinished(path):
                continue
            try:
                mode = (drop / path).lstat().st_mode
                if stat.S_ISREG(mode):
                    states[path.as_posix()] = state_of(drop / path)
                else:
                    what = "a link" if stat.S_ISLNK(mode) else "not a regular file"
                    problems.append(f"{printable(path.as_posix())} is {what}: skipped")
            except FileNotFoundError:
                continue
            except OSError as error:
                add_problem(error)
    return dict(sorted(states.items())), problems


def _is_unfinished(path: Path) -> bool:
    is_hidden = any(part.startswith((".", "~$")) for part in path.parts)
    return is_hidden or path.name.lower().endswith(UNFINISHED)
