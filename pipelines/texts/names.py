"""Finds names of people in texts. The names come from the sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import duckdb
import pyarrow as pa

from pipelines.texts.shapes import plain

LONGEST_NAME = 4
"""Maximum number of words of a Latin name, and of characters of a Chinese name."""

NAMESAKES = 100
"""A label is no name if it has this many times more records than the name: a person 白云, the district 白云区."""

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
"""SQL for a name without titles, case and punctuation: one word if Chinese, sorted words if Latin."""


def with_names(connection: duckdb.DuckDBPyConnection, texts: Iterable[str], people: Sequence[str]) -> dict[str, int]:
    """Return the texts that contain the name of a person, each with the number of records of that person's name.

    `people`: SQL queries of the columns `name` and `records`. A name is two to four Latin words in any order, or two to
    four successive Chinese characters. A single Latin word is no name, because it often has another meaning.
    """
    parts = {text: _possible_names(text) for text in texts}
    possible = sorted(set().union(*parts.values())) if parts else []
    if not possible or not people:
        return {}
    connection.register("possible_names", pa.table({"name": possible}))
    records_by_name = connection.execute(
        f"""
        SELECT key, sum(records)
        FROM (SELECT {_KEY} AS key, records FROM ({" UNION ALL ".join(people)}) WHERE name IS NOT NULL)
        WHERE key IN (SELECT name FROM possible_names)
        GROUP BY key
        """
    ).fetchall()
    connection.unregister("possible_names")
    return _records_by_text(parts, {name: int(records) for name, records in records_by_name})


def _records_by_text(parts: Mapping[str, set[str]], names: Mapping[str, int]) -> dict[str, int]:
    in_text = {text: possible & names.keys() for text, possible in parts.items()}
    return {text: max(names[name] for name in contained) for text, contained in in_text.items() if contained}


def _possible_names(text: str) -> set[str]:
    text = plain(text)
    words = _WORDS.findall(text.lower())
    names = {
        " ".join(sorted(words[begin : begin + size]))
        for size in range(2, LONGEST_NAME + 1)
        for begin in range(len(words) - size + 1)
    }
    for run in _CHINESE.findall(_BLANKS.sub("", text)):
        names |= {
            run[begin : begin + size] for size in range(2, LONGEST_NAME + 1) for begin in range(len(run) - size + 1)
        }
    return names
