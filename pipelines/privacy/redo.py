"""All changes of an erasure as one step: new files are written aside, listed in a plan, and then put in place.

A process that is killed before the plan is written has changed nothing. After that moment `apply` can be repeated until
it ends, in any process.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pipelines.home.durable import remove, sync, write_atomically
from pipelines.home.settings import Settings
from pipelines.integrity.log import changing, read_log, reread
from pipelines.integrity.places import LEDGER


class Redo:
    """New content and deletions of files of the home. `counts`: what is removed, by place."""

    def __init__(self, settings: Settings) -> None:
        self.home, self._folder = settings.home, settings.erasing
        self._replaced: list[str] = []
        self._deleted: list[str] = []
        self.counts: Counter[str] = Counter()
        self.left: list[str] = []

    def begin(self) -> None:
        """Remove what a killed process has written aside."""
        remove(self._folder)
        self._folder.mkdir(mode=0o700)

    def new(self, path: Path) -> Path:
        """Return where to write the new content of a file of the home."""
        name = path.relative_to(self.home).as_posix()
        target = self._folder / "new" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name not in self._replaced:
            self._replaced.append(name)
        return target

    def current(self, path: Path) -> Path:
        """Return the new content of a file if there is one, else the file."""
        written = self._folder / "new" / path.relative_to(self.home)
        return written if written.exists() else path

    def delete(self, path: Path) -> None:
        """Delete a file or folder of the home, if it exists."""
        if path.exists() or path.is_symlink():
            self._deleted.append(path.relative_to(self.home).as_posix())

    def seal(self) -> None:
        """Write the plan. From here on the erasure must be carried to its end."""
        for path in (self._folder / "new").rglob("*"):
            sync(path)
        plan = {"replaced": self._replaced, "deleted": self._deleted, "counts": self.counts, "left": self.left}
        write_atomically(plan_file(self._folder), (json.dumps(plan, indent=1, ensure_ascii=False) + "\n").encode())


def plan_file(folder: Path) -> Path:
    return folder / "plan.json"


def apply(settings: Settings) -> tuple[dict[str, int], list[str]]:
    """Carry out the plan of `settings.erasing`. Returns the counts by place, and what must be removed by hand."""
    home, folder = settings.home, settings.erasing
    plan = json.loads(plan_file(folder).read_text(encoding="utf-8"))
    with changing(home, *_logged(home, plan["replaced"], plan["deleted"])):
        for name in plan["replaced"]:
            written = folder / "new" / name
            if written.exists():
                if (home / name).exists():
                    shutil.copymode(home / name, written)
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                written.replace(home / name)
                sync((home / name).parent)
        for name in plan["deleted"]:
            path = home / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        reread()
    # The plan goes first: a killed process leaves a folder that `begin` removes.
    plan_file(folder).unlink()
    sync(folder)
    remove(folder)
    return plan["counts"], plan["left"]


def _logged(home: Path, replaced: Iterable[str], deleted: Iterable[str]) -> list[Path]:
    """Return the files of the plan whose sums the checksum log has, or will have."""
    log = read_log(home)
    known = {name for name, written in log.files.items() if written} | set(log.changing) if log else set()
    folders = tuple(f"{name}/" for name in deleted)
    gone = {name for name in known if name.startswith(folders)} if folders else set()
    changed = {name for name in (*replaced, *deleted) if name in known or LEDGER.holds(name)}
    return [home / name for name in sorted(gone | changed)]
