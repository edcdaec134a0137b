"""Homes for tests: built by the command line, copied for tests that change them, read as tables."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from tests.forks import Forks

TIERHOUSE = str(Path(sys.executable).with_name("tierhouse"))
LAST_DAY = "2026-06-30"
SMALL = "2000"
"""Leads of a demo that is graded in a minute. With fewer leads no model is promoted and no customer is warned of."""
VOLATILE = {"run_id", "published_at"}
"""Columns that differ between runs; all other columns are equal when a day is run again."""

READ_LATER = {"TIERHOUSE_MEMORY_LIMIT"}
"""Settings that no module reads while it is imported."""


def environment(home: Path | None = None, **settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TIERHOUSE_", "DAGSTER_"))}
    return (
        kept | ({"TIERHOUSE_HOME": str(home)} if home else {}) | {"COLUMNS": "160", "TIERHOUSE_REPORT": "no"} | settings
    )


@cache
def forks() -> Forks:
    """The warm process of this pytest process, started at its first use."""
    return Forks(environment())


def tierhouse(home: Path, *arguments: str, check: bool = True, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a home, in a process that is forked from one that has imported everything.

    Some settings are read while the code is imported: with one that is not of READ_LATER the command starts from
    nothing, as a user's does.
    """
    if set(settings) <= READ_LATER:
        return _checked(forks().run([TIERHOUSE, *arguments], environment(home, **settings)), check)
    return started(home, *arguments, check=check, **settings)


def started(home: Path, *arguments: str, check: bool = True, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line on a home, as a user does."""
    done = subprocess.run(
        [TIERHOUSE, *arguments], env=environment(home, **settings), capture_output=True, text=True, timeout=900
    )
    return _checked(done, check)


def _checked(done: subprocess.CompletedProcess[str], check: bool) -> subprocess.CompletedProcess[str]:
    if check and done.returncode:
        raise AssertionError(
            f"tierhouse {' '.join(done.args[1:])} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done


def copy_home(home: Path, target: Path) -> Path:
    return Path(shutil.copytree(home, target, symlinks=True))


def open_to_others(home: Path) -> list[str]:
    """The home, its files and its folders that other accounts can read, write or enter; what a user or a test puts
    there (`sources/`, `drop/`, `ui.log`) aside. Files that a running process removes meanwhile are no finding."""
    theirs = {"sources", "drop", "ui.log"}

    def is_open(path: Path) -> bool:
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            return False
        return not stat.S_ISLNK(mode) and bool(mode & 0o077)

    paths = [path for path in [home, *home.rglob("*")] if not theirs & set(path.relative_to(home).parts[:1])]
    return [str(path) for path in paths if is_open(path)]


def published(home: Path, table: str) -> pd.DataFrame:
    """A live table without the VOLATILE columns, sorted by all its columns."""
    with duckdb.connect(str(home / "published" / "current" / "tierhouse.duckdb"), read_only=True) as connection:
        frame = connection.table(table).df()
    frame = frame[[column for column in frame.columns if column not in VOLATILE]]
    return frame.sort_values(list(frame.columns), ignore_index=True)


def with_source(home: Path, rows: pd.DataFrame, source: str) -> pd.DataFrame:
    """The rows of customers who have a record in the source."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        customers = connection.execute(
            "SELECT DISTINCT customer_id FROM identity.customer_records JOIN identity.customers USING (customer_key) "
            "WHERE starts_with(record_key, ? || ':')",
            [source],
        ).df()
    return rows[rows["customer_id"].isin(customers["customer_id"])]


def fingerprint(folder: Path) -> dict[str, str]:
    """Path → SHA-256 of each file below a folder, and the target of each link."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }
