"""Names of the people whom the sources know, looked for in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

LONGEST_NAME = 4
"""Words of a Latin name, characters of a Chinese one."""

_WORDS = re.compile(r"[^\W\d_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_KEY = r"array_to_string(list_sort(list_filter(regexp_split_to_array(lower(name), '[^\p{L}]+'), x -> x <> '')), ' ')"
"""A name without case, punctuation and the order of its words."""


def with_names(connection: duckdb.DuckDBPyConnection, texts: Iterable[str], people: Sequence[str]) -> set[str]:
    """The texts that hold the name of a person. `people`: SQL queries of one column `name`.

    A name is two to four Latin words in any order, or two to four Chinese characters in a row: one Latin word is too
    often a word of another meaning.
    """
    parts = {text: _possible_names(text) for text in texts}
    possible = sorted(set().union(*parts.values())) if parts else []
    if not possible or not people:
        return set()
    connection.register("possible_names", pa.table({"name": possible}))
    names = " UNION ".join(people)
    found = connection.execute(
        f"SELECT name FROM possible_names WHERE name IN (SELECT {_KEY} FROM ({names}) WHERE name IS NOT NULL)"
    ).fetchall()
    connection.unregister("possible_names")
    return _holding(parts, {row[0] for row in found})


def _holding(parts: Mapping[str, set[str]], names: set[str]) -> set[str]:
    return {text for text, possible in parts.items() if possible & names}


def _possible_names(text: str) -> set[str]:
    words = _WORDS.findall(text.lower())
    found = {
        " ".join(sorted(words[begin : begin + size]))
        for size in range(2, LONGEST_NAME + 1)
        for begin in range(len(words) - size + 1)
    }
    for run in _CHINESE.findall(text):
        found |= {
            run[begin : begin + size] for size in range(2, LONGEST_NAME + 1) for begin in range(len(run) - size + 1)
        }
    return found
