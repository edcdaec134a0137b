"""Checks of the home: it can be written and only by its owner, it has its key and room, and its files are whole."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pipelines.doctor.finding import Finding, ok, problem, warning
from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

LEAST_FREE = 1_000_000_000
"""Bytes that a run needs in a new home."""
ROOM = 3
"""A run writes the warehouse and a version again: it has room for three times their present size."""


def folder(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    existing = _existing(home)
    if not os.access(existing, os.W_OK | os.X_OK):
        yield problem("home", f"{existing} cannot be written", "check who owns it, or set TIERHOUSE_HOME")
    elif not home.is_dir():
        yield warning("home", f"{home} does not exist yet", "`tierhouse demo` makes a home with example data")
    elif (owner := home.stat().st_uid) != os.geteuid():
        yield problem("home", f"{home} belongs to account {owner}", "run tierhouse as the account that owns the home")
    elif home.stat().st_mode & stat.S_ISVTX:
        yield problem("home", f"{home} is shared by accounts", "set TIERHOUSE_HOME to a folder of your own")
    else:
        yield ok("home", str(home))


def disk(settings: Settings) -> Iterator[Finding]:
    """The disk has room for the next runs."""
    free = shutil.disk_usage(_existing(settings.home)).free
    live = (settings.published / "current").resolve()
    written = [settings.warehouse, *(live.iterdir() if live.is_dir() else ())]
    run = sum(file.stat().st_size for file in written if file.is_file())
    found = f"{_size(free)} free, a run writes about {_size(run)}"
    if free < max(LEAST_FREE, run):
        yield problem(
            "disk", found, "free space: the next run would fail; TIERHOUSE_VERSIONS_KEPT keeps fewer versions"
        )
    elif free < ROOM * max(LEAST_FREE, run):
        yield warning("disk", found, "free space soon; TIERHOUSE_VERSIONS_KEPT keeps fewer versions")
    else:
        yield ok("disk", found)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _size(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"


def modes(settings: Settings) -> Iterator[Finding]:
    """Other accounts cannot read the home, nor an .env with secrets."""
    from pipelines.home.modes import open_paths

    opened = list(islice(open_paths(settings), 1000))
    if opened:
        yield warning(
            "access",
            f"other accounts can read {len(opened):,} files, such as {opened[0]}",
            "find out who opened them; the next run removes the access",
        )
    else:
        yield ok(
            "access", "only the owner reads the home" + (f", {settings.readers} published/" if settings.readers else "")
        )


def key(settings: Settings) -> Iterator[Finding]:
    """The key of the pseudonyms is present, and the settings are those that the home was made with."""
    from pipelines.home.key import find_secret, home_fingerprint
    from pipelines.home.remembered import assert_unchanged

    try:
        secret = find_secret(settings)
        assert_unchanged(settings, home_fingerprint(settings))
    except TierhouseError as error:
        yield problem("key", str(error), "see docs/runbook.md, settings, key, file modes")
        return
    yield ok("key", "present, settings as the home was made" if secret else "the first run makes it")


def checksums(settings: Settings) -> Iterator[Finding]:
    """The checksum log is whole, and no kept version has a missing or damaged file (by size)."""
    from pipelines.integrity.log import GONE, LogDamaged, read_log
    from pipelines.integrity.places import knows_checksums
    from pipelines.integrity.sums import IntegrityError
    from pipelines.publish.switch import damaged_versions, version_ids

    try:
        if read_log(settings.home) is None and knows_checksums(settings.home):
            raise LogDamaged(GONE)
        damaged = [fault for place in (settings.published, settings.crm_export) for fault in damaged_versions(place)]
    except IntegrityError as error:
        yield problem("checksums", str(error), "see docs/runbook.md, checksums")
        return
    if damaged:
        yield warning(
            "versions", f"{len(damaged)} damaged files, such as {damaged[0]}", "`tierhouse verify` says what to do"
        )
    else:
        yield ok(
            "versions", f"{len(version_ids(settings.published))} kept, undamaged; `tierhouse verify` reads every file"
        )


def leftovers(settings: Settings) -> Iterator[Finding]:
    """Killed processes left nothing behind. While a run is under way, its files are no leftovers."""
    from pipelines.home.processes import is_free
    from pipelines.integrity.leftovers import UNFINISHED

    lock = settings.dagster_home / "locks" / "home"
    if lock.exists() and not is_free(lock):
        yield ok("leftovers", "a run is under way")
        return
    found = [path for pattern in UNFINISHED for path in settings.home.glob(pattern)]
    if found:
        yield warning("leftovers", f"{len(found)} unfinished files, such as {found[0]}", "the next run removes them")
    else:
        yield ok("leftovers", "none")
