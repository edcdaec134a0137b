"""What lies in the drop folder, and which of it is complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.settings import Settings

REJECTED = "rejected"
UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp")
"""How upload tools end the name of a file that they still write."""

State = tuple[int, int, int]
"""Size, time of change in ns, inode: the same at two ticks if nobody wrote in between."""


@dataclass(frozen=True)
class Scan:
    """`states`: every file by its path below the drop folder. `complete`, by the folder that it lies in ("" for the
    drop folder itself). `waiting`: files that changed since the last tick, or were not there."""

    states: Mapping[str, State]
    complete: Mapping[str, tuple[str, ...]]
    waiting: tuple[str, ...]


def scan(settings: Settings, before: Mapping[str, State]) -> Scan:
    """Look at the drop folder. `before`: the states of the last tick.

    A file is complete once it is as it was at the last tick, and a folder is taken only whole: leads and the deals
    that name them then come in one batch. Hidden files, unfinished ones by their name, and links are not looked at.
    """
    states = {name: state_of(settings.drop / name) for name in _names(settings.drop)}
    waiting = tuple(name for name, state in states.items() if before.get(name) != state)
    growing = {folder_of(name) for name in waiting}
    complete: dict[str, tuple[str, ...]] = {}
    for name in states:
        folder = folder_of(name)
        if folder not in growing:
            complete[folder] = (*complete.get(folder, ()), name)
    return Scan(states, complete, waiting)


def state_of(path: Path) -> State:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def folder_of(name: str) -> str:
    """The first folder of a path below the drop folder; "" for a file that lies in none."""
    return name.split("/", 1)[0] if "/" in name else ""


def _names(drop: Path) -> list[str]:
    """Files to look at, by their path below the drop folder, in order."""
    paths = (path.relative_to(drop) for path in drop.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path.as_posix() for path in paths if path.parts[0] != REJECTED and not _unfinished(path))


def _unfinished(path: Path) -> bool:
    hidden = any(part.startswith((".", "~$")) for part in path.parts)
    return hidden or path.name.lower().endswith(UNFINISHED)
