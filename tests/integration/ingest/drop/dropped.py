"""Files for the drop folder, and what becomes of them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.ingest_home import IngestHome

HEADER = "id,customer,day,price\n"
GOOD = HEADER + "1,c1,2026-01-01,100\n2,c2,2026-01-02,200\n"
BAD = HEADER + "1,c1,2026-01-01,100\n2,c2,2026-02-31,200\n3,c3,2026-01-03,-5\n"


def drop(home: IngestHome, content: str, name: str = "sales.csv", source: str = "shop", mode: str = "w") -> Path:
    path = home.settings.drop / source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode, encoding="utf-8") as stream:
        stream.write(content)
    return path


def root_files(home: IngestHome) -> list[str]:
    return sorted(path.name for path in (home.settings.home / "raw" / "shop").iterdir())


def aside(home: IngestHome) -> dict[str, list[str]]:
    """The rejected folders with the names of their files."""
    folders = sorted((home.settings.drop / "rejected").glob("*"))
    return {folder.name: sorted(path.name for path in folder.rglob("*") if path.is_file()) for folder in folders}


def report(home: IngestHome) -> str:
    (path,) = (home.settings.drop / "rejected").glob("*/report.txt")
    return path.read_text(encoding="utf-8")


class OtherOwner:
    """Dropped files that we may not read, link or move. Simulated, because root, who may run the tests, always may."""

    def __init__(
        self, patched: pytest.MonkeyPatch, *, readable: bool = False, movable: bool = True, below: str = "drop"
    ) -> None:
        self.names, self.below = set(), below
        self._refuse(patched, os, "link", lambda *_: True)
        self._refuse(patched, os, "open", lambda *_: not readable)
        self._refuse(patched, os, "rename", lambda *_: not movable)
        self._refuse(patched, os, "unlink", lambda *_: not movable)

    def _refuse(self, patched, module, function, is_refused) -> None:
        allowed = getattr(module, function)

        def refuse(path, *arguments, **options):
            at = Path(os.fspath(path))
            if is_refused(path) and at.name in self.names and at.parent.parent.name == self.below:
                number = errno.EPERM if function == "link" else errno.EACCES
                raise PermissionError(number, "Permission denied", str(path))
            return allowed(path, *arguments, **options)

        patched.setattr(module, function, refuse)
