"""dbt: in this process for the pipeline, as the command `tierhouse-dbt` for people.

In this process it is imported once and reads its project once, however often it builds, and it ends with its worker.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipelines.home.modes import keep_private
from pipelines.home.settings import DBT_PROJECT, WAREHOUSE, Settings, load_settings
from pipelines.messages import without_values

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

MANIFEST = DBT_PROJECT / "target" / "manifest.json"
FOLDER = "TIERHOUSE_DBT_FOLDER"
"""Names the folder in which `tierhouse-dbt` works: that of the warehouse. The profile names the file alone."""

QUIET = {
    "DBT_WRITE_JSON": "false",
    "DBT_LOG_LEVEL": "none",
    "DBT_LOG_LEVEL_FILE": "none",
    "DBT_USE_COLORS": "false",
}
"""Artefacts and a log file, which nobody reads, cost a second each time. What dbt says can quote a cell: `_repeat`
prints it instead."""


_COUNTED = re.compile(r"Got \d+ results?, configured to ")
"""How dbt begins what it says of a test that failed: a count of rows."""


class NotPrepared(RuntimeError):
    """The checkout was not made ready to run."""


class DbtFailed(RuntimeError):
    """dbt has not done what it was asked for. The text has a line for each node that failed, with dbt's reason."""


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


@cache
def manifest() -> Path:
    """Path of the manifest of the dbt project.

    Raises NotPrepared if there is none, or if models or seeds came or went since it was written, as after `git pull`.
    """
    if not MANIFEST.exists():
        raise NotPrepared(f"expected dbt's manifest in {MANIFEST}, found none: run `make install` in the checkout")
    nodes = json.loads(MANIFEST.read_bytes())["nodes"].values()
    parsed = {node["original_file_path"] for node in nodes if node["resource_type"] in ("model", "seed")}
    files = {path.relative_to(DBT_PROJECT).as_posix() for path in _model_and_seed_files()}
    if changed := sorted(parsed ^ files):
        raise NotPrepared(
            f"expected dbt's manifest to name the models and seeds of this checkout, found {len(changed)} added or "
            f"removed since ({changed[0]}): run `make install` in the checkout"
        )
    return MANIFEST


def _model_and_seed_files() -> Iterator[Path]:
    yield from (DBT_PROJECT / "models").rglob("*.sql")
    yield from (DBT_PROJECT / "seeds").rglob("*.csv")


def run_dbt(
    settings: Settings,
    warehouse: Path,
    *arguments: str,
    target: Path,
    built: Callable[[str], None] = lambda _: None,
) -> list[NodeResult]:
    """Run a dbt command on a DuckDB file, which is free again afterwards. Result per node, in the order of their ends.

    What dbt says goes to stdout, what it writes to the folder `target`. `built` is told the name of each model and
    seed as soon as it is there, by the thread that made it. Raises DbtFailed.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    def tell(event: EventMsg) -> None:
        _repeat(event)
        if event.info.name == "NodeFinished" and event.data.run_result.status == "success":
            built(event.data.node_info.node_name)

    with _working_for(settings, warehouse):
        try:
            ended = dbtRunner(_project(), [tell]).invoke([*arguments, "--target-path", str(target)])
        finally:
            DuckDBConnectionManager.close_all_connections()
    if isinstance(ended.exception, Exception):
        raise DbtFailed(f"dbt: {without_values(str(ended.exception))}") from None
    if ended.exception:
        raise ended.exception
    results = list(getattr(ended.result, "results", []))
    if not ended.success:
        raise DbtFailed("\n    ".join(["dbt:", *map(_told, filter(_has_failed, results))]))
    return results


@cache
def _project() -> Manifest:
    """The project as dbt reads it: from the parse state of the checkout, and from the files that have changed since.

    To be called where `_working_for` holds.
    """
    from dbt.cli.main import dbtRunner

    with TemporaryDirectory() as target:
        shutil.copy(manifest().with_name("partial_parse.msgpack"), target)
        ended = dbtRunner().invoke(["--quiet", "parse", "--target-path", target])
    if ended.exception:
        raise ended.exception
    return ended.result


@contextmanager
def _working_for(settings: Settings, warehouse: Path) -> Iterator[None]:
    """In the folder of the warehouse, with the variables that dbt reads."""
    wanted = dbt_environment(settings, warehouse) | QUIET
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        with chdir(warehouse.parent):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _repeat(event: EventMsg) -> None:
    """Print what dbt would print. The errors that it repeats from the engine are shown without values."""
    if event.info.level in ("info", "warn", "error"):
        said = event.info.msg if event.info.level == "info" else without_values(event.info.msg)
        print(said, flush=True)  # noqa: T201 - dbt's own words go where dbt writes them


def _has_failed(result: NodeResult) -> bool:
    return result.status in ("error", "fail", "runtime error")


def _told(result: NodeResult) -> str:
    """Which node, where it is written, and what dbt says of it, in one line."""
    node = result.node
    said = " ".join((result.message or "").split())
    said = said if _COUNTED.match(said) else " ".join(without_values(result.message or "").split())
    return f"{node.resource_type} {node.name} ({node.original_file_path}): {said}"


def main() -> None:
    """Run dbt on the warehouse of the home, or on the one that the caller has named in the environment."""
    keep_private()
    settings = load_settings()
    for name, value in dbt_environment(settings, settings.warehouse).items():
        os.environ.setdefault(name, value)
    folder = Path(os.environ[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)

    from dbt.cli.main import cli

    cli(prog_name="tierhouse-dbt")
