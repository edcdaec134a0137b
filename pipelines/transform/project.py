"""The dbt project as Dagster sees it: where it is, and what its nodes are called."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from pipelines.metadata import OWNERS
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.transform.dbt_process import PARENT, dbt_environment

MANIFEST = DBT_PROJECT / "target" / "manifest.json"

SOURCE_ASSETS = {
    "landing": "landing",
    "scope": "customer_identity",
    "identity": "customer_identity",
    "scoring": "scores",
    "ledger": "grade_ledger",
    "cases": "case_ledger",
    "personas": "personas",
    "association_rules": "association_rules",
    "lead_forecast": "lead_forecast",
    "listing_recommendations": "listing_recommendations",
}
"""Which asset fills each dbt source."""


class NotPrepared(RuntimeError):
    """The checkout was not made ready to run."""


def manifest() -> Path:
    """What dbt knows of its project. Raises NotPrepared in a checkout that was not installed by make."""
    if not MANIFEST.exists():
        raise NotPrepared(f"expected dbt's manifest in {MANIFEST}, found none: run `make install` in the checkout")
    return MANIFEST


class Translator(DagsterDbtTranslator):
    """Group = folder; a source is the asset that fills it.

    dbt's tests are not asset checks: three hundred of them cost each process 20 s to load and each run 30 s of history
    to write. A failing one fails its step and is named there; the four gates are the checks.
    """

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(enable_asset_checks=False, enable_duplicate_source_asset_keys=True)
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(SOURCE_ASSETS[dbt_resource_props["source_name"]])
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["fqn"][1]

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - the same for all
        return OWNERS


class Dbt(DbtCliResource):
    """dbt without dagster-dbt's own handle to the warehouse: nobody asks it anything, and each costs a second."""

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:
        pass


def dbt_resource() -> DbtCliResource:
    """dbt through `tierhouse-dbt` of this environment, wherever PATH points."""
    return Dbt(project_dir=str(DBT_PROJECT), dbt_executable=str(Path(sys.executable).with_name("tierhouse-dbt")))


def plain_dbt_error(error: DagsterDbtCliRuntimeError) -> str:
    """Which nodes failed and why, in dbt's words, without the command line and the blank lines around them."""
    _, _, said = str(error).partition("Errors parsed from dbt logs:")
    lines = [line.strip() for line in (said or str(error)).splitlines() if line.strip()]
    return "dbt: " + "\n    ".join(lines)


QUIET = {"DBT_WRITE_JSON": "false", "DBT_LOG_LEVEL_FILE": "none"}
"""What dbt says is streamed into the run; its artefacts and log file, which nobody reads, cost a second each time."""


@contextmanager
def dbt_on(settings: Settings, warehouse: Path) -> Iterator[None]:
    """Let dbt, started below, build in this DuckDB file, without dagster-dbt's account of how it starts dbt."""
    talk = dg.get_dagster_logger()
    level = talk.level
    talk.setLevel(logging.WARNING)
    wanted = dbt_environment(settings, warehouse) | QUIET | {PARENT: str(os.getpid())}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        talk.setLevel(level)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
