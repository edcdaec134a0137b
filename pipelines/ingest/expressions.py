"""SQL expressions of mapping files: literals, identifiers, and what an expression reads."""

from __future__ import annotations

import glob
import json
import string
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb


class ExpressionError(ValueError):
    """An expression that is not one SQL expression over the columns of its file."""


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """The text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def parquet_files(paths: Sequence[Path], options: str = "") -> str:
    """SQL that reads these Parquet files as one relation.

    Their paths are names alone: no patterns (`[1]`), and no columns (`source=crm/`).
    """
    names = ", ".join(literal(glob.escape(str(path))) for path in paths)
    return f"read_parquet([{names}], hive_partitioning = false{options and f', {options}'})"


def columns_of(connection: duckdb.DuckDBPyConnection, expression: str) -> frozenset[str]:
    """Names that the expression reads, as it writes them.

    Raises ExpressionError if the text is not exactly one SQL expression.
    """
    query = f"SELECT (\n{expression}\n)"
    row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query]).fetchone()
    tree = json.loads(row[0])
    if tree["error"]:
        raise ExpressionError(tree["error_message"])
    if len(tree["statements"]) != 1 or len(tree["statements"][0]["node"]["select_list"]) != 1:
        raise ExpressionError("expected one SQL expression")
    return frozenset(_column_names(tree))


def _column_names(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        if tree.get("class") == "COLUMN_REF":
            yield tree["column_names"][-1]
        for child in tree.values():
            yield from _column_names(child)
    elif isinstance(tree, list):
        for child in tree:
            yield from _column_names(child)


def template_parts(template: str) -> list[tuple[str, str | None]]:
    """`a/{B}` as [("a/", "B")]: literal text, then the column that follows it. Raises ExpressionError."""
    try:
        parts = [(text, name) for text, name, _, _ in string.Formatter().parse(template)]
    except ValueError as error:
        raise ExpressionError(str(error)) from error
    if not any(name for _, name in parts) or any(name == "" for _, name in parts):
        raise ExpressionError("expected text with columns in braces, such as shop/{CustomerID}")
    return parts


def template_sql(template: str) -> str:
    """SQL that joins the parts of the template; null if one of its columns is null."""
    pieces = []
    for text, name in template_parts(template):
        pieces += [literal(text)] if text else []
        pieces += [identifier(name)] if name else []
    return " || ".join(pieces)


def bind(connection: duckdb.DuckDBPyConnection, relation: str, expression: str) -> None:
    """Check that the expression gives one value per row of the relation; raises ExpressionError in one line."""
    query = f"SELECT __line, TRY(\n{expression}\n) FROM {relation} LIMIT 0"
    try:
        connection.execute(query)
    except duckdb.Error as error:
        first = str(error).splitlines()[0].split("!")[0]
        raise ExpressionError(first.removeprefix("Binder Error: ")) from error
