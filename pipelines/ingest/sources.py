"""The sources of a home as assets that Dagster does not run: one per mapping file."""

from __future__ import annotations

import dagster as dg

from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch
from pipelines.orchestration.freshness import SOURCE_FRESHNESS
from pipelines.orchestration.metadata import OWNERS


def source_key(source: str) -> dg.AssetKey:
    return dg.AssetKey(["sources", source])


def connection_key(connection: str) -> dg.AssetKey:
    """Key of the asset that pulls a connection (`pipelines/connect`)."""
    return dg.AssetKey(["connections", connection])


def source_assets(settings: Settings) -> list[dg.AssetSpec]:
    """Return an asset per mapping file of the home. Reads names only, because a mapping can have faults."""
    return [
        dg.AssetSpec(
            source_key(file.stem),
            group_name="ingest",
            description=f"Files of the source `{file.stem}`. A materialisation is a delivery with new rows.",
            owners=OWNERS,
            kinds={"file"},
            freshness_policy=SOURCE_FRESHNESS,
            metadata={"mapping": dg.MetadataValue.path(str(file))},
        )
        for file in settings.mapping_files
    ]


def delivery(batch: Batch) -> dg.AssetMaterialization | None:
    """Return the event of a committed batch for the asset of its source, None without a new row."""
    if not sum(batch.accepted.values()):
        return None
    rows = {f"new rows, {entity}": count for entity, count in batch.accepted.items()}
    metadata = {"batch": batch.batch, "quarantined rows": batch.quarantined, **rows}
    return dg.AssetMaterialization(source_key(batch.source), metadata=metadata)
