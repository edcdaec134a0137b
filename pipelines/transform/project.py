"""The dbt project as Dagster sees it: where it is, and what its nodes are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from pipelines.orchestration.metadata import OWNERS


class Translator(DagsterDbtTranslator):
    """Keys without schema, and one owner. Groups are dbt's; a source has the key of the asset that fills it (`meta`).

    dbt's tests are not asset checks: three hundred of them cost each process 20 s to load and each run 30 s of history
    to write. A failing one fails its step and is named there; the four gates are the checks.
    """

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(enable_asset_checks=False, enable_duplicate_source_asset_keys=True)
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey(dbt_resource_props["name"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - the same for all
        return OWNERS
