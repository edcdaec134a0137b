"""`tierhouse-dbt`: dbt with the environment of the settings, which ends when the process that started it ends.

A dbt left alone after its Dagster worker was killed would go on holding the warehouse.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from importlib import metadata
from pathlib import Path

from pipelines.settings import DBT_PROJECT, WAREHOUSE, Settings, load_settings

PARENT = "TIERHOUSE_DBT_PARENT"
"""Names the process that starts dbt: one killed before this module is imported is `getppid` no longer."""


FOLDER = "TIERHOUSE_DBT_FOLDER"
"""Names the folder in which dbt works: that of the warehouse, which the profile names by a relative path."""


def dbt_environment(settings: Settings, warehouse: Path) -> dict[str, str]:
    """The variables that `tierhouse-dbt`, `dbt_project/profiles.yml` and its macros read.

    Raises ValueError for a file that the profile does not mean.
    """
    if warehouse.name != WAREHOUSE:
        raise ValueError(f"expected a file named {WAREHOUSE}, which dbt_project/profiles.yml names, found {warehouse}")
    return {
        FOLDER: str(warehouse.parent),
        "TIERHOUSE_DBT_THREADS": str(settings.threads),
        "TIERHOUSE_DBT_MEMORY": settings.memory_limit,
        "TIERHOUSE_DBT_TIMEZONE": settings.timezone,
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def end_with_parent(poll_seconds: float = 0.5) -> None:
    """Kill this process as soon as its parent is gone. Polling works where `prctl` does not exist."""
    parent = int(os.environ.get(PARENT) or os.getppid())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(poll_seconds)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="end-with-parent").start()


def main() -> None:
    """Run dbt on the warehouse of the home, or on the one that the caller has named in the environment."""
    if sys.argv[1:] == ["--version"]:
        # dagster-dbt asks before it starts dbt, and dbt takes two seconds to answer and looks for newer ones outside.
        sys.stdout.write(f"dbt-core {metadata.version('dbt-core')}\n")
        return
    end_with_parent()
    settings = load_settings()
    for name, value in dbt_environment(settings, settings.warehouse).items():
        os.environ.setdefault(name, value)
    folder = Path(os.environ[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)

    from dbt.cli.main import cli

    cli(prog_name="tierhouse-dbt")
