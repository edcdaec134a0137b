"""The patterns of phone numbers and e-mail addresses as functions of DuckDB.

The patterns look around, which DuckDB's regular expressions cannot. So DuckDB finds the texts that could match by a
necessary condition, and Python decides those, once per distinct text of a batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import duckdb
import pyarrow as pa
from duckdb.func import PythonUDFType

from pipelines.home.sql import literal
from pipelines.texts.shapes import CONTACT, CONTACT_ID, MADE_HERE, NEEDED_BY_CONTACT

CONTACT_FUNCTIONS: Mapping[str, str] = {CONTACT: "has_contact", CONTACT_ID: "has_contact_id"}
"""Pattern → the name of its function in DuckDB. Takes a text, returns whether it matches somewhere."""
REMEMBERED = 50_000
"""Texts whose result each function remembers."""


def register_contact_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the functions of CONTACT_FUNCTIONS on a connection, if it does not have them."""
    there = {row[0] for row in connection.execute("SELECT DISTINCT function_name FROM duckdb_functions()").fetchall()}
    for pattern, name in CONTACT_FUNCTIONS.items():
        if name not in there:
            decide, function = f"decide_{name}", _searches(re.compile(pattern))
            connection.create_function(decide, function, ["VARCHAR"], "BOOLEAN", type=PythonUDFType.ARROW)
            connection.execute(
                f"CREATE TEMP MACRO {name}(words) AS CASE "
                f"WHEN NOT regexp_matches(words, {literal(NEEDED_BY_CONTACT)}) THEN false "
                f"WHEN regexp_full_match(words, {literal(MADE_HERE)}) THEN false ELSE {decide}(words) END"
            )


def _searches(pattern: re.Pattern[str]) -> Callable[[pa.ChunkedArray], pa.Array]:
    @lru_cache(maxsize=REMEMBERED)
    def found(text: str) -> bool:
        return bool(pattern.search(text))

    def matches(texts: pa.ChunkedArray) -> pa.Array:
        coded = texts.combine_chunks().dictionary_encode()
        return pa.array([found(text) for text in coded.dictionary.to_pylist()], pa.bool_()).take(coded.indices)

    return matches
