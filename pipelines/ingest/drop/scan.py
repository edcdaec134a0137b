"""What lies in the drop folder, and which of it is complete."""

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
"""How upload tools end the name of a file that they still write."""

State = tuple[int, int, int]
"""Size, time of change in ns, inode: the same at two ticks if nobody wrote in between."""


@dataclass(frozen=True)
class Scan:
    """`states`: every file by its path below the drop folder. `complete`, by the folder that it lies in ("" for the
    drop folder itself). `waiting`: files that changed since the last tick, or were not there. `problems`: what could
    not be looked at, and what is no file, a sentence each."""

    states: Mapping[str, State]
    complete: Mapping[str, tuple[str, ...]]
    waiting: tuple[str, ...]
    problems: tuple[str, ...]


def scan(settings: Settings, before: Mapping[str, State]) -> Scan:
    """Look at the drop folder. `before`: the states of the last tick.

    A file is complete once it is as it was at the last tick, and a folder is taken only whole: leads and the deals
    that name them then come in one batch. Hidden files, unfinished ones by their name, and links are not looked at.
    """
    states, problems = _look(settings.drop)
    waiting = tuple(name for name, state in states.items() if before.get(name) != state)
    growing = {folder_of(name) for name in waiting}
    complete: dict[str, tuple[str, ...]] = {}
    for name in states:
        folder = folder_of(name)
        if folder not in growing:
            complete[folder] = (*complete.get(folder, ()), name)
    return Scan(states, complete, waiting, tuple(problems))


def state_of(path: Path) -> State:
    """Raises OSError where the file is gone, or cannot be asked."""
    found = path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def folder_of(name: str) -> str:
    """The first folder of a path below the drop folder; "" for a file that lies in none."""
    return name.split("/", 1)[0] if "/" in name else ""


def _look(drop: Path) -> tuple[dict[str, State], list[str]]:
    """Files to look at with their states, in the order of their paths below the drop folder, and problems."""
    states: dict[str, State] = {}
    problems: list[str] = []

    def tell(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            problems.append(printable(plain_error(error)))

    for folder, _, names in os.walk(drop, onerror=tell):
        for name in names:
            path = (Path(folder) / name).relative_to(drop)
            if path.parts[0] == REJECTED or _unfinished(path):
                continue
            try:
                mode = (drop / path).lstat().st_mode
                if stat.S_ISREG(mode):
                    states[path.as_posix()] = state_of(drop / path)
                else:
                    what = "a link" if stat.S_ISLNK(mode) else "no file"
                    problems.append(f"{printable(path.as_posix())} is {what}, and is left alone")
            except FileNotFoundError:
                continue
            except OSError as error:
                tell(error)
    return dict(sorted(states.items())), problems


def _unfinished(path: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) for part in path.parts)
    return hidden or path.name.lower().endswith(UNFINISHED)
