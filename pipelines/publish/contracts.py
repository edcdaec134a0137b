"""What dbt's contracts say of a published table beyond its rows: comments, key and required columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from pipelines.home.sql import identifier, literal
from pipelines.publish.tables import SCHEMA, published_tables
from pipelines.transform.dbt import manifest_models, unique_keys

LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
"""A link of Markdown. A comment keeps its text: its target is in docs/outputs.md."""


@dataclass(frozen=True)
class Contract:
    """The contract of a published table.

    `comments`: column → description, with the condition for null. `key`: the columns that identify a row. `unique`:
    further columns without duplicates. `required`: columns that are never null, enforced by dbt.
    """

    table: str
    comment: str
    comments: Mapping[str, str]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    required: frozenset[str]


@cache
def contracts() -> Mapping[str, Contract]:
    """Return the contract of each published table. Raises LookupError if no dbt test states its key."""
    models = {node["name"]: node for node in manifest_models() if node["schema"] == SCHEMA}
    return {table: _contract(models[table], order) for table, order in published_tables().items()}


def add_comments(connection: duckdb.DuckDBPyConnection, catalog: str, table: str) -> None:
    """Write the comments of a table and of its columns into an attached DuckDB file."""
    contract = contracts()[table]
    columns = {row[0] for row in connection.execute(f"DESCRIBE {catalog}.{table}").fetchall()}
    comments = {name: text for name, text in contract.comments.items() if name in columns}
    statements = comment_statements(f"{catalog}.{table}", contract.comment, comments, "TABLE")
    # One transaction: each of its own would be written to disk by itself, five milliseconds a column.
    connection.execute("; ".join(["BEGIN", *statements, "COMMIT"]))


def comment_statements(relation: str, comment: str, comments: Mapping[str, str], kind: str) -> Iterator[str]:
    """Yield SQL that comments a relation and its columns. `kind`: TABLE or VIEW."""
    yield f"COMMENT ON {kind} {relation} IS {literal(comment)}"
    for column, text in comments.items():
        yield f"COMMENT ON COLUMN {relation}.{identifier(column)} IS {literal(text)}"


def _contract(model: dict[str, Any], order: Sequence[str]) -> Contract:
    keys = unique_keys(model["unique_id"])
    if not keys:
        raise LookupError(f"expected a test `unique` or `unique_combination` of {model['name']}, found none")
    key = next((key for key in keys if set(key) == set(order)), keys[0])
    return Contract(
        table=model["name"],
        comment=_plain(model["description"]),
        comments={name: _comment(column) for name, column in model["columns"].items()},
        key=key,
        unique=tuple(other for other in keys if other != key),
        required=frozenset(
            name
            for name, column in model["columns"].items()
            if any(constraint["type"] == "not_null" for constraint in column["constraints"])
        ),
    )


def _comment(column: dict[str, Any]) -> str:
    null_when = column["config"].get("meta", {}).get("null_when")
    return _plain(column["description"]) + (f" Null when {_plain(null_when)}." if null_when else "")


def _plain(text: str) -> str:
    return LINK.sub(r"\1", " ".join(text.split()))
