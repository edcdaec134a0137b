"""The dbt project in Dagster: keys, groups, owners, dependencies and checks of its assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings

from pipelines.orchestration.metadata import OWNERS, code_references
from pipelines.transform.graph import RULES, direct_parents, is_asset, members, node, project

GROUPS = {"service": "grading"}
"""dbt group → group in Dagster, where they differ: fewer groups fit one screen."""
DOCS = {"marts": "docs/outputs.md"}
"""dbt group → the page of the docs about its tables."""

TESTS = "dbt_tests"
"""The asset check with the results of all dbt tests of an asset."""


class Translator(DagsterDbtTranslator):
    """Asset keys without schema, and one owner. A source has the key of the asset that fills it (`meta` in its yml).

    A dbt test is no asset check of its own: 430 checks add 20 s to the start of each process and 30 s of events to each
    run. An asset has one check, `dbt_tests`, with the results of its tests.
    """

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(enable_asset_checks=False, enable_duplicate_source_asset_keys=True)
        )

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        if not is_asset(unique_id):
            return spec
        deps = {
            dg.AssetKey(RULES) if parent.startswith("seed.") else self.get_asset_key(node(parent))
            for parent in direct_parents(unique_id)
        }
        return spec.replace_attributes(deps=sorted(deps))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return super().get_asset_key(dbt_resource_props)
        return dg.AssetKey(dbt_resource_props["name"])

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - the same for all
        return OWNERS

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        group = super().get_group_name(dbt_resource_props)
        return GROUPS.get(group, group) if group else None

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The description without the SQL, which the code references show."""
        return dbt_resource_props["description"]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        files = [f"dbt_project/{dbt_resource_props['original_file_path']}"]
        if patch := dbt_resource_props.get("patch_path"):
            files.append(f"dbt_project/{patch.partition('://')[2]}")
        if page := DOCS.get(dbt_resource_props["config"].get("group", "")):
            files.append(page)
        return {**super().get_metadata(dbt_resource_props), **code_references(*files)}


def asset_specs(select: str, **options: Any) -> list[dg.AssetSpec]:
    """Return the assets of a selection. `options`: attributes of all of them, such as `partitions_def`."""
    translator = Translator()
    shown = [unique_id for unique_id in members(select) if is_asset(unique_id)]
    return [translator.get_asset_spec(project(), unique_id, None).replace_attributes(**options) for unique_id in shown]


def rules_spec() -> dg.AssetSpec:
    """Return the asset of all rules tables."""
    return dg.AssetSpec(
        RULES,
        group_name="staging",
        description="The business rules: the tables in `dbt_project/seeds/rules`, checked and loaded. Grain: table.",
        owners=OWNERS,
        kinds={"dbt", "csv"},
        metadata=code_references("dbt_project/seeds/rules", "docs/outputs.md"),
    )


def test_checks(assets: Iterable[str]) -> list[dg.AssetCheckSpec]:
    """Return a check `dbt_tests` for each of these assets."""
    return [
        dg.AssetCheckSpec(
            TESTS, asset=asset, description="dbt tests of this table and of the steps that are built for it."
        )
        for asset in sorted(set(assets))
    ]
