"""The dbt project in Dagster: asset keys, groups and owners of its nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from pipelines.orchestration.metadata import OWNERS


class Translator(DagsterDbtTranslator):
    """Asset keys without schema, and one owner. A source has the key of the asset that fills it (`meta` in its yml).

    dbt tests are not asset checks: 300 checks add 20 s to the start of each process and 30 s of events to each run. A
    failing test fails its step, which names the test; the gates are the asset checks.
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
