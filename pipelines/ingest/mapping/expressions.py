"""SQL expressions of mapping files: the columns that an expression reads and the functions that it may call."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.sql import first_value, identifier, literal

ABOUT_THE_MACHINE = frozenset({"current_setting", "getvariable", "version", "getenv", "error", "age"})
"""Functions that read the machine although DuckDB calls them consistent, or that only some builds of DuckDB have."""

_MACROS = """
    array_append array_pop_back array_pop_front array_prepend array_push_back array_push_front array_reverse
    array_to_string array_to_string_comma_default date_add days_in_month fdiv fmod json list_any_value list_append
    list_avg list_bool_and list_bool_or list_count list_first list_last list_max list_median list_min list_mode
    list_prepend list_product list_reverse list_string_agg list_sum md5_number_lower md5_number_upper nullif
    private_id round_even roundbankers split_part
"""
MACROS = frozenset(_MACROS.split())
"""Macros of DuckDB that depend on their arguments alone. DuckDB states no stability for macros."""

SYNTAX = frozenset({"unnest"})
"""Syntax that the parser reports as a function. `bind` rejects it once the file is known."""

_SQL_WORDS = """
    current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
    localtimestamp session_user user
"""
SQL_WORDS = frozenset(_SQL_WORDS.split())
"""SQL functions without brackets: SQL calls them if the file has no column of that name."""


class ExpressionError(TierhouseError):
    """An expression that is not one SQL expression over the columns of its file."""


def columns_of(connection: duckdb.DuckDBPyConnection, expression: str) -> frozenset[str]:
    """Return the columns that the expression reads, spelled as in the expression.

    Raises ExpressionError if the text is not exactly one SQL expression.
    """
    nodes = _nodes(connection, expression)
    if len(nodes) != 1 or _around(nodes[0]) != _around(_nodes(connection, "1")[0]):
        raise ExpressionError("expected one SQL expression")
    _check_parts(nodes[0]["select_list"])
    return frozenset(part["column_names"][-1] for part in _parts(nodes) if part.get("class") == "COLUMN_REF")


def _nodes(connection: duckdb.DuckDBPyConnection, expression: str) -> list[dict[str, Any]]:
    """Parse the expression, in brackets, into syntax trees: one for each statement."""
    query = f"SELECT (\n{expression}\n)"
    try:
        tree = json.loads(first_value(connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [query])))
    except (duckdb.Error, RecursionError) as error:
        raise ExpressionError("expected an expression that is less deeply nested") from error
    if tree["error"]:
        raise ExpressionError(tree["error_message"])
    return [statement["node"] for statement in tree["statements"]]


def _around(node: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return a statement without its select list. An expression that closes its bracket early leaves more than that."""
    return len(node.get("select_list", [])), {name: part for name, part in node.items() if name != "select_list"}


def _check_parts(expression: object) -> None:
    """Raise ExpressionError if an expression reads anything but the values of one row."""
    parts = list(_parts(expression))
    if any(part.get("class") == "SUBQUERY" for part in parts):
        raise ExpressionError("expected an expression over the columns of one row, found a subquery")
    called = {part["function_name"].casefold() for part in parts if part.get("class") == "FUNCTION"}
    if refused := sorted(called - allowed_functions()):
        raise ExpressionError(f"expected functions of a row's values alone, found {', '.join(refused)}")


@cache
def allowed_functions() -> frozenset[str]:
    """Return the functions whose result depends on their arguments alone, as DuckDB states it.

    The result of a row must not depend on the clock, on chance, sequences, settings or the machine. `bind` rejects
    aggregates.
    """
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT lower(function_name) FROM duckdb_functions() GROUP BY ALL "
            "HAVING bool_and(coalesce(function_type IN ('scalar', 'aggregate') AND stability = 'CONSISTENT', false))"
        ).fetchall()
    return frozenset(name for (name,) in rows) - ABOUT_THE_MACHINE | MACROS | SYNTAX


def _parts(tree: object) -> Iterator[dict[str, Any]]:
    """Every object of a tree, at any depth."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def template_parts(template: str) -> list[tuple[str, str | None]]:
    """Split `a/{B}` into [("a/", "B")]: literal text and the column that follows it. Raises ExpressionError."""
    try:
        parts = [(text, name) for text, name, _, _ in string.Formatter().parse(template)]
    except ValueError as error:
        raise ExpressionError(str(error)) from error
    if not any(name for _, name in parts) or any(name == "" for _, name in parts):
        raise ExpressionError("expected text with columns in braces, such as shop/{CustomerID}")
    return parts


def template_sql(template: str) -> str:
    """SQL that joins the parts of the template. Null if a column of the template is null."""
    pieces = []
    for text, name in template_parts(template):
        pieces += [literal(text)] if text else []
        pieces += [identifier(name)] if name else []
    return " || ".join(pieces)


def bind(connection: duckdb.DuckDBPyConnection, relation: str, expression: str) -> None:
    """Check that the expression gives one value per row of the relation. Raises ExpressionError with one line."""
    query = f"SELECT __line, TRY(\n{expression}\n) FROM {relation} LIMIT 0"
    try:
        connection.execute(query)
    except duckdb.Error as error:
        first = str(error).splitlines()[0].split("!")[0]
        raise ExpressionError(first.removeprefix("Binder Error: ")) from error
