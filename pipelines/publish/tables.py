"""The published tables, read from dbt's manifest: a model in `dbt_project/models/marts` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from pipelines.transform.dbt import manifest_models

SCHEMA = "marts"
COUNTS = "publication"
"""The table that counts the rows of all published tables. Its contract states the order of the tables."""


@cache
def published_tables() -> Mapping[str, Sequence[str]]:
    """Return the columns that each published table is ordered by, so that equal content gives equal files.

    `config.meta.order_by` of the model states them. Tables come in the order of the counts in `publication`. Raises
    KeyError if a model lacks `order_by` or a count.
    """
    models = {node["name"]: node for node in manifest_models() if node["schema"] == SCHEMA}
    counts = {column.removesuffix("_rows"): number for number, column in enumerate(models[COUNTS]["columns"])}
    return {
        name: tuple(models[name]["config"]["meta"]["order_by"])
        for name in sorted(models, key=lambda name: counts[name])
    }
