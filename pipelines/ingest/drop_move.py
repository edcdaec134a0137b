"""Moving a file to where no other may be overwritten, and where no reader may see half of it."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pipelines.durable import sync


class NoFreeName(ValueError):
    """Every name that the mapping reads is taken."""


def free_name(folder: Path, file: str, pattern: str, taken: Collection[str] = ()) -> str:
    """`file` below `folder`, or with the first free number behind its stem: leads.csv, leads_0002.csv.

    `taken`: names that are not free either. Numbered names sort behind the first, as later deliveries must. Raises
    NoFreeName where the mapping's `pattern` would not match a numbered name.
    """
    path, number = PurePosixPath(file), 1
    ending = "".join(path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:])
    stem = path.name.removesuffix(ending)
    while os.path.lexists(folder / path) or path.as_posix() in taken:
        number += 1
        path = path.with_name(f"{stem}_{number:04d}{ending}")
        if not fnmatchcase(path.name, PurePosixPath(pattern).name):
            raise NoFreeName(
                f"{file} is there already, and the mapping reads no other name than {pattern}: "
                f"with {PurePosixPath(pattern).with_name(f'{stem}*{ending}')} it would read later deliveries too"
            )
    return path.as_posix()


def move_without_replacing(source: Path, target: Path) -> None:
    """Give the file its new name, in one step. Raises FileExistsError where another file has it.

    May be killed and called again. On another disk the file is copied to a hidden name first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _link(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        partial = target.with_name(f".{target.name}.part")
        shutil.copy2(source, partial)
        sync(partial)
        try:
            os.link(partial, target)
        finally:
            partial.unlink()
    sync(target.parent)
    source.unlink()


def _link(source: Path, target: Path) -> None:
    """A second name for the file: unlike a rename, it fails where the name is taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        if not source.samefile(target):
            raise


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
