"""dbt: inside the process of a run, and as the command `tierhouse-dbt`.

A run imports dbt once and parses the project once, however often it builds. dbt ends with the process of the run.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from pipelines.errors import TierhouseError, shortage
from pipelines.home.modes import keep_private
from pipelines.home.places import WAREHOUSE
from pipelines.home.settings import DBT_PROJECT, Settings, load_settings
from pipelines.messages import without_values
from pipelines.transform.failures import failure_lines

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult
    from dbt.contracts.graph.manifest import Manifest

MANIFEST = DBT_PROJECT / "target" / "manifest.json"
FOLDER = "TIERHOUSE_DBT_FOLDER"
"""Variable with the folder of the warehouse, in which `tierhouse-dbt` works. The profile names only the file."""

QUIET = {
    "DBT_WRITE_JSON": "false",
    "DBT_LOG_LEVEL": "none",
    "DBT_LOG_LEVEL_FILE": "none",
    "DBT_USE_COLORS": "false",
}
"""Artefacts and log files cost a second per build and are not read. dbt's messages can quote a cell, so `_print_event`
prints them without values."""


class NotPrepared(TierhouseError):
    """dbt's manifest is missing or out of date."""


class DbtFailed(TierhouseError):
    """A dbt command failed. The message has the lines of `failure_lines`.

    `results`: of the nodes that ran, in the order of their ends.
    """

    def __init__(self, message: str, results: Sequence[NodeResult] = ()) -> None:
        super().__init__(message)
        self.results = tuple(results)


DAILY, SPARK = "daily", "spark"
"""Outputs of `dbt_project/profiles.yml`."""


def dbt_environment(settings: Settings, warehouse: Path) -> dict[str, str]:
    """Return the variables that `tierhouse-dbt`, `dbt_project/profiles.yml` and its macros read.

    `warehouse` must be named `warehouse.duckdb`: `dbt_project/profiles.yml` names that file.
    """
    if warehouse.name != WAREHOUSE:
        raise ValueError(f"expected a file named {WAREHOUSE}, which dbt_project/profiles.yml names, got {warehouse}")
    return {
        FOLDER: str(warehouse.parent),
        "TIERHOUSE_DBT_THREADS": str(settings.threads),
        "TIERHOUSE_DBT_MEMORY": settings.memory_limit,
        "TIERHOUSE_DBT_TIMEZONE": settings.timezone,
        "TIERHOUSE_DBT_SPARK_TABLES": str(settings.spark_tables),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


@cache
def manifest() -> Path:
    """Return the path of dbt's manifest.

    Raises NotPrepared if the file is missing, or if models or seeds were added or removed since dbt wrote it.
    """
    if not MANIFEST.exists():
        raise NotPrepared(f"expected dbt's manifest in {MANIFEST}, found none: run `make install` in the checkout")
    parsed = {node["original_file_path"] for node in _nodes(MANIFEST) if node["resource_type"] in ("model", "seed")}
    files = {path.relative_to(DBT_PROJECT).as_posix() for path in _model_and_seed_files()}
    if changed := sorted(parsed ^ files):
        raise NotPrepared(
            f"expected dbt's manifest to name the models and seeds of this checkout, found {len(changed)} added or "
            f"removed since ({changed[0]}): run `make install` in the checkout"
        )
    return MANIFEST


def manifest_models() -> list[dict[str, Any]]:
    """Return the models of dbt's manifest. Raises NotPrepared as `manifest` does."""
    return [node for node in _nodes(manifest()) if node["resource_type"] == "model"]


def unique_keys(model_id: str) -> list[tuple[str, ...]]:
    """Return the sets of columns that a test of dbt requires to be unique in a model, given by its `unique_id`."""
    keys = []
    for node in _nodes(manifest()):
        if node["resource_type"] == "test" and node.get("attached_node") == model_id:
            arguments = node["test_metadata"]["kwargs"]
            if node["test_metadata"]["name"] == "unique":
                keys.append((arguments["column_name"],))
            elif node["test_metadata"]["name"] == "unique_combination":
                keys.append(tuple(arguments["columns"]))
    return sorted(keys)


@cache
def _nodes(manifest: Path) -> list[dict[str, Any]]:
    return list(json.loads(manifest.read_bytes())["nodes"].values())


def _model_and_seed_files() -> Iterator[Path]:
    yield from (DBT_PROJECT / "models").rglob("*.sql")
    yield from (DBT_PROJECT / "seeds").rglob("*.csv")


def run_dbt(
    settings: Settings,
    warehouse: Path,
    *arguments: str,
    target: Path,
    built: Callable[[str, str], None] = lambda _name, _relation: None,
    engine: str = DAILY,
) -> list[NodeResult]:
    """Run a dbt command on a DuckDB file and close the file. Returns the node results in the order of their ends.

    `engine`: the output of the profile. `SPARK` runs on the Spark session of this process.
    dbt's messages go to stdout, its artefacts to the folder `target`. Calls `built` with the name and the relation
    (`schema.table`) of each model and seed that succeeded, in the thread that built it. Raises DbtFailed.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    unhandled: list[Exception] = []

    def handle(event: Any) -> None:
        try:
            _print_event(event)
            if event.info.name == "NodeFinished" and event.data.run_result.status == "success":
                relation = event.data.node_info.node_relation
                built(relation.alias, f"{relation.schema}.{relation.alias}")
        except Exception as error:
            unhandled.append(error)  # If it went up, dbt would wait for the node for ever: when the disk is full, say.

    with _working_for(settings, warehouse):
        try:
            options = ("--target-path", str(target), "--target", engine)
            ended = dbtRunner(parsed_project(engine), [handle]).invoke([*arguments, *options])
        finally:
            DuckDBConnectionManager.close_all_connections()
    if isinstance(ended.exception, Exception):
        message = str(ended.exception)
        raise DbtFailed(f"dbt: {shortage(message) or without_values(message)}") from None
    if ended.exception:
        raise ended.exception
    results = list(getattr(ended.result, "results", []))
    if not ended.success:
        raise DbtFailed("\n    ".join(["dbt:", *failure_lines(results)]), results)
    if unhandled:
        raise unhandled[0]
    return results


def parsed_project(engine: str = DAILY) -> Manifest:
    """Parse the project: for DuckDB from the parse state of the checkout, and from the files that changed since.

    The first call must be one of `run_dbt`, which sets the folder and the variables that dbt needs.
    """
    return _parsed(engine)


@cache
def _parsed(engine: str) -> Manifest:
    from dbt.cli.main import dbtRunner

    with TemporaryDirectory() as target:
        if engine == DAILY:
            shutil.copy(manifest().with_name("partial_parse.msgpack"), target)
        ended = dbtRunner().invoke(["--quiet", "parse", "--target-path", target, "--target", engine])
    if ended.exception:
        raise ended.exception
    return cast("Manifest", ended.result)


@contextmanager
def _working_for(settings: Settings, warehouse: Path) -> Generator[None]:
    """Change to the folder of the warehouse and set the variables that dbt reads."""
    variables = dbt_environment(settings, warehouse) | QUIET
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        with chdir(warehouse.parent):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _print_event(event: Any) -> None:
    """Print what dbt would print; warnings and errors without values, because they can quote a cell."""
    if event.info.level in ("info", "warn", "error"):
        message = event.info.msg if event.info.level == "info" else without_values(event.info.msg)
        print(message, flush=True)  # noqa: T201 - dbt prints to stdout, too


def main() -> None:
    """Run dbt on the warehouse of the home, or on the warehouse that the environment names."""
    keep_private()
    settings = load_settings()
    for name, value in dbt_environment(settings, settings.warehouse).items():
        os.environ.setdefault(name, value)
    folder = Path(os.environ[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)

    from dbt.cli.main import cli

    cli(prog_name="tierhouse-dbt")
