"""Who may read a home: its owner; of the published tables also the group that TIERHOUSE_READERS names."""

from __future__ import annotations

import grp
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import TierhouseError
from pipelines.home.settings import PROJECT_ROOT, Settings

PRIVATE = (
    "checksums.log", "crm_export", "dagster", "data_docs", "dbt", "demo", "demo_truth", "dropped", "home.json",
    "landing", "ledger", "model_store", "pseudonym.key", "quarantine", "restricted.duckdb",
    "restricted_keys.parquet", "staged", "training",
    "warehouse.duckdb", "warehouse.duckdb.wal",
)  # fmt: skip
"""What tierhouse writes in a home. What users put beside it is theirs, and so is what lies in `drop/`."""

OTHERS = 0o077
ENVIRONMENT = PROJECT_ROOT / ".env"


class HomeOpen(TierhouseError):
    """Other accounts can read a file of the home, and its mode cannot be changed."""


def keep_private() -> None:
    """Whatever this process and its children write is readable by their account alone."""
    os.umask(OTHERS)


def close_home(settings: Settings) -> str | None:
    """Take from other accounts what the home's modes give them. Returns what was changed in one line, or None.

    Changes nothing but the places that tierhouse writes, and `.env` where it sets the key. Raises HomeOpen, naming the
    first file whose mode cannot be changed.
    """
    home = settings.home
    if home.stat().st_mode & stat.S_ISVTX:
        raise HomeOpen(f"{home} is a folder that accounts share: set TIERHOUSE_HOME to a folder of its own")
    changed = sum(_take(path, OTHERS) for name in PRIVATE for path in _below(home / name))
    if _holds_key(ENVIRONMENT):
        changed += _take(ENVIRONMENT, OTHERS)
    if settings.readers is None:
        changed += sum(_take(path, OTHERS) for path in (home, *_below(settings.published)))
    else:
        changed += open_to_readers(settings, settings.published)
    readers = "" if settings.readers is None else f", and the group {settings.readers} its published/"
    return f"modes of {changed:,} files changed: only the owner reads {home}{readers}" if changed else None


def open_to_readers(settings: Settings, folder: Path) -> int:
    """Let the group TIERHOUSE_READERS read a folder of `published/`, and pass through the home to it.

    Returns how many modes changed; 0 where no group is set. Raises HomeOpen.
    """
    if settings.readers is None:
        return 0
    group = grp.getgrnam(settings.readers).gr_gid
    passed = [settings.home, settings.published, settings.published / "versions"]
    changed = _give(settings.home, group, 0o710)
    for path in {*passed[1:], *_below(folder)}:
        if path.exists():
            changed += _give(path, group, 0o750 if path.is_dir() else 0o640)
    return changed


def _holds_key(file: Path) -> bool:
    """Whether the file of settings sets the key, which then is as secret as `pseudonym.key`."""
    return (
        file.is_file()
        and re.search(rb"(?mi)^\s*(export\s+)?TIERHOUSE_PSEUDONYM_KEY\s*=", file.read_bytes()) is not None
    )


def _below(path: Path) -> Iterator[Path]:
    """The path and all below it, without links, where it exists."""
    if path.is_symlink():
        path = path.resolve()
    if path.exists():
        yield path
    for folder, folders, files in os.walk(path):
        yield from (below for name in (*folders, *files) if not (below := Path(folder, name)).is_symlink())


def _take(path: Path, bits: int) -> bool:
    """Remove these bits from the mode. Returns whether it had any."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & bits:
            return False
        _change(path, mode & ~bits)
    except FileNotFoundError:  # another process has removed it meanwhile
        return False
    return True


def _give(path: Path, group: int, mode: int) -> bool:
    found = path.stat()
    if found.st_gid == group and stat.S_IMODE(found.st_mode) == mode:
        return False
    try:
        os.chown(path, -1, group)
    except OSError as error:
        raise HomeOpen(
            f"{path} cannot be given to the group of TIERHOUSE_READERS ({error.strerror}): make the account that runs "
            "tierhouse a member of it"
        ) from error
    _change(path, mode)
    return True


def _change(path: Path, mode: int) -> None:
    found = path.stat()
    why = None
    try:
        path.chmod(mode)
    except FileNotFoundError:
        raise
    except OSError as error:
        why = error.strerror
    if why or stat.S_IMODE(path.stat().st_mode) != mode:
        raise HomeOpen(
            f"other accounts can read {path} (mode {stat.S_IMODE(found.st_mode):04o}, owner {found.st_uid}), and the "
            f"mode cannot be changed ({why or 'the file system keeps it'}): give it to the account that runs "
            "tierhouse, or set TIERHOUSE_HOME to a folder on a disk with modes"
        )
