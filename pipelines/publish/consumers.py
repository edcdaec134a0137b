"""The readers of the published version as assets that Dagster does not run, from the exposures of dbt."""

from __future__ import annotations

import dagster as dg

from pipelines.orchestration.metadata import code_references
from pipelines.transform.graph import node, project

KINDS = {"superset": {"superset"}, "bi": {"dashboard"}, "crm": {"csv"}, "alerts": {"notification"}}
"""First word of an exposure → kinds, which the UI shows as icons."""


def consumers() -> list[dg.AssetSpec]:
    """Return an asset per exposure that no asset of ours makes. The exposure states the owner and the tables."""
    return [
        dg.AssetSpec(
            name,
            deps=["published_version"],
            group_name="consumers",
            description=f"{exposure['label']}. {exposure['description']}",
            owners=[f"team:{exposure['owner']['name']}"],
            kinds=KINDS[name.split("_")[0]],
            metadata={
                "tables": ", ".join(sorted(node(table)["name"] for table in exposure["depends_on"]["nodes"])),
                **code_references(f"dbt_project/{exposure['original_file_path']}", "docs/outputs.md"),
            },
        )
        for exposure in project()["exposures"].values()
        if "dagster" not in exposure["config"]["meta"]
        for name in [exposure["name"]]
    ]
