"""What DuckDB's plan of a query says of its joins."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

LITERALS = ("DUMMY_SCAN", "COLUMN_DATA_SCAN", "EMPTY_RESULT")
EVERY_PAIR = ("NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN")
FEW_ROWS = ("rules.", "scope.")
"""Schemas whose tables have some dozens of rows at most."""

Node = dict[str, Any]


def nested_loops(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The conditions of joins that compare each row with each, where neither side has few rows by nature."""
    # Small tables are joined by nested loops whatever the condition is: these here stand for large ones.
    connection.execute("SET nested_loop_join_threshold = 0; SET merge_join_threshold = 0")
    ((_, plan),) = connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchall()
    nodes = [node for root in json.loads(plan) for node in _nodes(root)]
    parts = {node["extra_info"]["Table Index"]: node["children"][0] for node in nodes if node["name"].strip() == "CTE"}
    return [
        str(node["extra_info"].get("Conditions") or node["extra_info"].get("Condition"))
        for node in nodes
        if node["name"].strip() in EVERY_PAIR and not any(_has_few_rows(side, parts) for side in node["children"])
    ]


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node["children"]:
        yield from _nodes(child)


def _has_few_rows(side: Node, parts: Mapping[str, Node]) -> bool:
    leaves = [node for node in _nodes(side) if not node["children"]]
    return all(_is_small(leaf, parts) for leaf in leaves)


def _is_small(leaf: Node, parts: Mapping[str, Node]) -> bool:
    if (shared := leaf["extra_info"].get("CTE Index")) is not None:
        return _has_few_rows(parts[shared], parts)
    table = leaf["extra_info"].get("Table", "").replace('"', "").partition(".")[2]
    return leaf["name"].strip() in LITERALS or table.startswith(FEW_ROWS)
