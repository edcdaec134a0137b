"""Moves files without overwriting another file and without showing a partly written file to readers."""

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

COPY_ERRORS = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)
"""Errors of a hard link after which the file is copied: another disk, another owner, a disk without links."""

LONGEST_NAME = 255
"""Bytes of the longest file name that file systems accept."""


class NoFreeName(TierhouseError):
    """There is no free name for the file that the mapping reads. The text is a sentence for the sender."""


def free_name(folder: Path, file: str, pattern: str, taken: Collection[str] = ()) -> str:
    """A free name for `file` below `folder`: the name or, if it is taken, with the first free number: leads_0002.csv.

    `taken`: further names that are taken. Numbered names sort after the first name, because later deliveries must.
    Raises NoFreeName if the mapping's `pattern` does not match the numbered name.
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
                f"{file} exists already and must not be overwritten. The mapping reads only files named {pattern}; "
                f"with {wider} it would also read later deliveries"
            )
        if len(os.fsencode(path.name)) > LONGEST_NAME:
            raise NoFreeName(
                f"{file} exists already and must not be overwritten, and its name is too long to add a number"
            )
    return path.as_posix()


def make_folder_below(root: Path, file: str) -> None:
    """Create the folder of a file below the root. Raises NoFreeName if a link or a file has the name of the folder."""
    folder = (root / file).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise NoFreeName(f"the folder of {file} has the name of an existing file") from error
    if not folder.resolve().is_relative_to(root.resolve()):
        raise NoFreeName(f"the folder of {file} is a link to a place outside the folder of the source")


def move_without_replacing(source: Path, target: Path) -> None:
    """Move the file in one step. Raises FileExistsError if the target is another file.

    The function can be killed and called again. If a hard link is impossible, the file is first copied to a hidden
    name.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _link(source, target)
    except OSError as error:
        if error.errno not in COPY_ERRORS:
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
    except OSError:  # A file in both places would be taken at every evaluation of the sensor.
        target.unlink()
        raise


def move_aside(source: Path, target: Path) -> None:
    """Move the file into a folder that this program has just created, even if the file is not readable."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        move_without_replacing(source, target)
    sync(target.parent)


def _link(source: Path, target: Path) -> None:
    """Create a hard link. Unlike a rename, a link fails if the target exists."""
    try:
        os.link(source, target)
    except FileExistsError:
        if not source.samefile(target):
            raise


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError, also for a pipe, because reading a pipe can block."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "expected a file, found a pipe or a device", str(path))
        return hashlib.file_digest(stream, "sha256").hexdigest()
