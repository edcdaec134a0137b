"""The graph of the dbt project: which models Dagster shows as assets, and the nodes between them.

Dagster shows the models that others read: staging of landing, core, the grades and the marts. The other 130 nodes are
steps towards them: rules tables (one asset, `rules`), views on tables of Python (their assets are shown) and models
named `int_…`. dbt builds and tests all of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from pipelines.transform.dbt import manifest

RULES = "rules"
"""The asset of all rules tables."""

Node = Mapping[str, Any]


@cache
def project() -> Mapping[str, Any]:
    """Return dbt's manifest. Raises NotPrepared as `manifest` does."""
    return json.loads(manifest().read_bytes())


def node(unique_id: str) -> Node:
    return project()["nodes"].get(unique_id) or project()["sources"][unique_id]


def is_asset(unique_id: str) -> bool:
    """Whether a model is an asset of its own."""
    kind, name = unique_id.split(".")[0], unique_id.split(".")[-1]
    if kind != "model" or name.startswith("int_"):
        return False
    return not name.startswith("stg_") or node(unique_id)["config"]["group"] == "staging"


def members(select: str) -> list[str]:
    """Return the models and seeds of a selection such as `fqn:tierhouse.core fqn:tierhouse.marts`."""
    return [
        unique_id
        for unique_id, found in project()["nodes"].items()
        if found["resource_type"] in ("model", "seed") and _is_in(found["fqn"], select)
    ]


def _is_in(fqn: list[str], select: str) -> bool:
    folders = [token.removeprefix("fqn:").split(".") for token in select.split()]
    return any(fqn[: len(folder)] == folder for folder in folders)


@cache
def parents(unique_id: str) -> frozenset[str]:
    """Return the assets, seeds and sources that a node reads, also through nodes that are no assets."""
    found: set[str] = set()
    for parent in project()["parent_map"][unique_id]:
        if is_asset(parent) or not parent.startswith("model."):
            found.add(parent)
        else:
            found |= parents(parent)
    return frozenset(found)


def direct_parents(unique_id: str) -> frozenset[str]:
    """Return the parents without those that another parent reads: the graph has no edge that a path implies."""
    read = parents(unique_id)
    return read - frozenset().union(*(_ancestors(parent) for parent in read))


@cache
def _ancestors(unique_id: str) -> frozenset[str]:
    if not is_asset(unique_id):
        return frozenset()
    read = parents(unique_id)
    return read.union(*(_ancestors(parent) for parent in read))


def with_steps(names: Collection[str], select: str) -> list[str]:
    """Return the names of these assets and of all nodes of the selection that are built for them and are no assets."""
    within = set(members(select))
    wanted = {unique_id for unique_id in within if node(unique_id)["name"] in names}
    wanted |= {unique_id for unique_id in within if RULES in names and unique_id.startswith("seed.")}
    waiting = list(wanted)
    while waiting:
        for parent in project()["parent_map"][waiting.pop()]:
            if parent in within and parent not in wanted and not is_asset(parent):
                wanted.add(parent)
                waiting.append(parent)
    return sorted(node(unique_id)["name"] for unique_id in wanted)


def assets_of_tests(select: str, built_before: Iterable[str], otherwise: str) -> dict[str, str]:
    """Return the tests that run with a selection, by unique id, each with the asset that shows its result.

    A test runs with the first selection after which all of its inputs are built. A test of sources alone runs with the
    folder of its yml. A test of a node that is no asset
    belongs to the first asset that is built from the node. If that asset is in a later selection, the test belongs to
    the asset `otherwise`. `built_before`: the nodes of earlier selections.
    """
    within, before = set(members(select)), set(built_before)
    shown = {}
    for unique_id, found in project()["nodes"].items():
        if found["resource_type"] != "test":
            continue
        parents_of_test = project()["parent_map"][unique_id]
        inputs = [parent for parent in parents_of_test if not parent.startswith("source.")]
        own = [parent for parent in inputs if parent in within]
        if not inputs and _is_in(found["fqn"], select):
            own = [child for parent in parents_of_test for child in project()["child_map"][parent] if child in within]
        if own and set(inputs) <= within | before:
            attached = found.get("attached_node")
            first = [attached] if attached in own else []
            shown[unique_id] = next(_assets_after([*first, *own], within), otherwise)
    return shown


def _assets_after(nodes: Iterable[str], within: Collection[str]) -> Iterator[str]:
    """Yield the assets among these nodes, then those that are built from them, nearest first."""
    waiting, seen = list(nodes), set()
    while waiting:
        if (unique_id := waiting.pop(0)) in seen:
            continue
        seen.add(unique_id)
        if unique_id.startswith("seed.") and unique_id in within:
            yield RULES
        elif is_asset(unique_id) and unique_id in within:
            yield node(unique_id)["name"]
        waiting += [child for child in project()["child_map"].get(unique_id, []) if child.startswith("model.")]
