"""Names of the people whom the sources know, looked for in texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from pipelines.texts.shapes import plain

LONGEST_NAME = 4
"""Words of a Latin name, characters of a Chinese one."""

NAMESAKES = 100
"""A label that this many times as many records say as have a name in it is no name: 白云 lives in 白云区 with many."""

_WORDS = re.compile(r"[^\W\d_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_BLANKS = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_LATIN_TITLES = "'mr', 'mrs', 'ms', 'miss', 'dr'"
_CHINESE_TITLES = "(先生|女士|小姐|太太|老师|经理)+$"
_SPLIT = rf"list_filter(regexp_split_to_array(lower(name), '[^\p{{L}}]+'), x -> x NOT IN ('', {_LATIN_TITLES}))"
_KEY = f"""CASE
    WHEN regexp_matches(name, '[\u3400-\u9fff]')
        THEN regexp_replace(array_to_string({_SPLIT}, ''), '{_CHINESE_TITLES}', '')
    ELSE array_to_string(list_sort({_SPLIT}), ' ')
END"""
"""A name without titles, case and punctuation: one word if Chinese, without the order of its words if Latin."""


def with_names(connection: duckdb.DuckDBPyConnection, texts: Iterable[str], people: Sequence[str]) -> dict[str, int]:
    """The texts that hold the name of a person, each with the records that have the name.

    `people`: SQL queries of the columns `name` and `records`. A name is two to four Latin words in any order, or two to
    four Chinese characters in a row: one Latin word is too often a word of another meaning.
    """
    parts = {text: _possible_names(text) for text in texts}
    possible = sorted(set().union(*parts.values())) if parts else []
    if not possible or not people:
        return {}
    connection.register("possible_names", pa.table({"name": possible}))
    found = connection.execute(
        f"""
        SELECT key, sum(records)
        FROM (SELECT {_KEY} AS key, records FROM ({" UNION ALL ".join(people)}) WHERE name IS NOT NULL)
        WHERE key IN (SELECT name FROM possible_names)
        GROUP BY key
        """
    ).fetchall()
    connection.unregister("possible_names")
    return _holding(parts, {name: int(records) for name, records in found})


def _holding(parts: Mapping[str, set[str]], names: Mapping[str, int]) -> dict[str, int]:
    held = {text: possible & names.keys() for text, possible in parts.items()}
    return {text: max(names[name] for name in these) for text, these in held.items() if these}


def _possible_names(text: str) -> set[str]:
    text = plain(text)
    words = _WORDS.findall(text.lower())
    found = {
        " ".join(sorted(words[begin : begin + size]))
        for size in range(2, LONGEST_NAME + 1)
        for begin in range(len(words) - size + 1)
    }
    for run in _CHINESE.findall(_BLANKS.sub("", text)):
        found |= {
            run[begin : begin + size] for size in range(2, LONGEST_NAME + 1) for begin in range(len(run) - size + 1)
        }
    return found
