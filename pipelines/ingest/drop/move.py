"""Moving a file to where no other may be overwritten, and where no reader may see half of it."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import shutil
import stat
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pipelines.errors import TierhouseError
from pipelines.home.durable import sync

COPIED = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)
"""Where a file gets no second name: on another disk, of another owner, on a disk without links."""

LONGEST_NAME = 255
"""Bytes of a name that file systems take."""


class NoFreeName(TierhouseError):
    """The file can have no name that the mapping reads. The text is a sentence for its sender."""


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
            wider = PurePosixPath(pattern).with_name(f"{glob.escape(stem)}*{ending}")
            raise NoFreeName(
                f"an earlier file may not be overwritten. {file} is there already, and the mapping reads no other name "
                f"than {pattern}: with {wider} it would read later deliveries too"
            )
        if len(os.fsencode(path.name)) > LONGEST_NAME:
            raise NoFreeName(f"an earlier file may not be overwritten, and {file} is too long for a number behind it")
    return path.as_posix()


def assert_below(root: Path, file: str) -> None:
    """Make the folder of a file below the root. Raises NoFreeName where a link or a file stands in its way."""
    folder = (root / file).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise NoFreeName(f"a file has the name of the folder of {file}") from error
    if not folder.resolve().is_relative_to(root.resolve()):
        raise NoFreeName(f"the folder of {file} is a link that leads out of the folder of the source")


def move_without_replacing(source: Path, target: Path) -> None:
    """Give the file its new name, in one step. Raises FileExistsError where another file has it.

    May be killed and called again. Where a file gets no second name it is copied to a hidden one first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _link(source, target)
    except OSError as error:
        if error.errno not in COPIED:
            raise
        partial = target.with_name(f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}.part")
        try:
            shutil.copy2(source, partial)
            sync(partial)
            os.link(partial, target)
        finally:
            partial.unlink(missing_ok=True)
    sync(target.parent)
    try:
        source.unlink()
    except OSError:  # What lies in both places would be taken again and again.
        target.unlink()
        raise


def move_aside(source: Path, target: Path) -> None:
    """Give the file its name in a new folder of ours, also where its owner lets nobody read it."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        move_without_replacing(source, target)
    sync(target.parent)


def _link(source: Path, target: Path) -> None:
    """A second name for the file: unlike a rename, it fails where the name is taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        if not source.samefile(target):
            raise


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError, also for a pipe, which would be waited for."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "expected a file, found a pipe or a device", str(path))
        return hashlib.file_digest(stream, "sha256").hexdigest()
