"""File modes of a home. Only its owner can read it; the group TIERHOUSE_READERS can also read `published/`."""

from __future__ import annotations

import grp
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pipelines.errors import TierhouseError
from pipelines.home.settings import PROJECT_ROOT, SECRETS, Settings

PRIVATE = (
    "alerts",
    "audit",
    "checksums.log",
    "crm_export",
    "dagster",
    "data_docs",
    "dbt",
    "demo",
    "demo_truth",
    "dropped",
    "erasing",
    "first_day.txt",
    "home.json",
    "identity_overrides.csv",
    "landing",
    "ledger",
    "mended",
    "model_store",
    "pseudonym.key",
    "published.keys",
    "pulled",
    "quarantine",
    "restricted.duckdb",
    "restricted_keys.parquet",
    "spark",
    "staged",
    "training",
    "warehouse.duckdb",
    "warehouse.duckdb.wal",
)
"""Files and folders that tierhouse writes in a home. Other files, and those in `drop/`, belong to the users."""

OTHERS = 0o077
ENVIRONMENT = PROJECT_ROOT / ".env"


class HomeOpen(TierhouseError):
    """Other accounts can read a file of the home, and tierhouse cannot change its mode."""


def keep_private() -> None:
    """Set the umask so that only the owner can read what this process and its children write."""
    os.umask(OTHERS)


def close_home(settings: Settings) -> str | None:
    """Remove the access of other accounts. Returns a line about the changes, or None if there were none.

    Changes only what tierhouse writes, and `.env` if it contains a secret. Raises HomeOpen with the first file whose
    mode cannot be changed.
    """
    home = settings.home
    if home.stat().st_mode & stat.S_ISVTX:
        raise HomeOpen(f"{home} is a folder that accounts share: set TIERHOUSE_HOME to a folder of your own")
    changed = sum(_remove_bits(path, OTHERS) for name in PRIVATE for path in _tree(home / name))
    if _contains_secret(ENVIRONMENT):
        changed += _remove_bits(ENVIRONMENT, OTHERS)
    if settings.readers is None:
        changed += sum(_remove_bits(path, OTHERS) for path in (home, *_tree(settings.published)))
    else:
        changed += open_to_readers(settings, settings.published)
    readers = "" if settings.readers is None else f", and the group {settings.readers} its published/"
    return f"modes of {changed:,} files changed: only the owner reads {home}{readers}" if changed else None


def open_paths(settings: Settings) -> Iterator[Path]:
    """Yield what other accounts can read although `close_home` would close it. Changes nothing."""
    private = [path for name in PRIVATE for path in _tree(settings.home / name)]
    if settings.readers is None:
        private += [settings.home, *_tree(settings.published)]
    if _contains_secret(ENVIRONMENT):
        private.append(ENVIRONMENT)
    for path in private:
        try:
            is_open = path.stat().st_mode & OTHERS
        except FileNotFoundError:  # another process has deleted the file
            continue
        if is_open:
            yield path


def open_to_readers(settings: Settings, folder: Path) -> int:
    """Let the group TIERHOUSE_READERS read a folder of `published/`, and enter the home to reach it.

    Returns the number of changed modes, 0 if no group is set. Raises HomeOpen.
    """
    if settings.readers is None:
        return 0
    group = grp.getgrnam(settings.readers).gr_gid
    changed = _give_to_group(settings.home, group, 0o710)
    for path in {settings.published, settings.published / "versions", *_tree(folder)}:
        if path.exists():
            changed += _give_to_group(path, group, 0o750 if path.is_dir() else 0o640)
    return changed


def _contains_secret(file: Path) -> bool:
    """Whether a file of settings contains a secret, such as the key. Then only its owner may read it."""
    names = "|".join(sorted(SECRETS)).encode()
    return (
        file.is_file()
        and re.search(rb"(?mi)^\s*(export\s+)?TIERHOUSE_(" + names + rb")\s*=", file.read_bytes()) is not None
    )


def _tree(path: Path) -> Iterator[Path]:
    """Yield the path and everything below it, without links. Yields nothing if the path does not exist."""
    if path.is_symlink():
        path = path.resolve()
    if path.exists():
        yield path
    for folder, folders, files in os.walk(path):
        yield from (below for name in (*folders, *files) if not (below := Path(folder, name)).is_symlink())


def _remove_bits(path: Path, bits: int) -> bool:
    """Remove bits from the mode. Returns whether the mode changed."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if not mode & bits:
            return False
        _set_mode(path, mode & ~bits)
    except FileNotFoundError:  # another process has deleted the file
        return False
    return True


def _give_to_group(path: Path, group: int, mode: int) -> bool:
    state = path.stat()
    if state.st_gid == group and stat.S_IMODE(state.st_mode) == mode:
        return False
    try:
        os.chown(path, -1, group)
    except OSError as error:
        raise HomeOpen(
            f"{path} cannot be given to the group of TIERHOUSE_READERS ({error.strerror}): make the account that runs "
            "tierhouse a member of it"
        ) from error
    _set_mode(path, mode)
    return True


def _set_mode(path: Path, mode: int) -> None:
    state = path.stat()
    reason = None
    try:
        path.chmod(mode)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = error.strerror
    if reason or stat.S_IMODE(path.stat().st_mode) != mode:
        raise HomeOpen(
            f"other accounts can read {path} (mode {stat.S_IMODE(state.st_mode):04o}, owner {state.st_uid}), and the "
            f"mode cannot be changed ({reason or 'the file system keeps it'}): give it to the account that runs "
            "tierhouse, or set TIERHOUSE_HOME to a folder on a disk with modes"
        )
