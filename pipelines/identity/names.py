"""Names of customers, made comparable. A name never links two records by itself (`pairs/candidates.py`).

A full name is a key: two records with different full names are not the same person, unless the names differ by a typing
error. A weak name is empty, a placeholder, or a part of a name (王先生, Mr Smith, Anna): only the part can be compared.
"""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from pipelines.identity.contacts import Placeholders, normalized

CHUNK = 50_000
"""Names that Python reads at once."""
NAMES = pa.schema([("text", pa.string()), ("name", pa.string()), ("name_part", pa.string())])

HAN_TITLES = ("先生", "女士", "小姐", "太太", "老师", "经理", "总", "阿姨", "叔叔", "同学", "老板")
LATIN_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "madam", "mx"})
LONGEST_PERSON = 4
"""Han characters of the longest name that SQL reads. Longer texts are companies or remarks."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_TITLE = re.compile(rf"({'|'.join(HAN_TITLES)})$")
_HAN_WORD = r"[\x{4e00}-\x{9fff}]{1,2}"
PLAIN_NAME = f"""
    CASE
        WHEN regexp_full_match(full_name, '{_HAN_WORD}[ \\x{{3000}}]?{_HAN_WORD}')
            AND NOT regexp_matches(full_name, '({"|".join(HAN_TITLES)})$')
            AND full_name NOT IN (SELECT text FROM rules.placeholder_contacts WHERE kind = 'word')
        THEN regexp_replace(full_name, '[ \\x{{3000}}]', '', 'g')
    END
"""
"""Key of a name of two to four Han characters, written plainly; null for other texts."""


def read_name(text: str, placeholders: Placeholders) -> tuple[str | None, str | None]:
    """Return the key of a full name and the part of a weak name: one of them is null, both if the text has no name."""
    plain = normalized(text).lower()
    if not plain or plain in placeholders.words or not re.search(r"[^\W\d_]", plain):
        return None, None
    if _HAN.search(plain):
        joined = re.sub(r"[\s·•.]+", "", plain)
        short = _TITLE.sub("", joined)
        if short != joined or len(joined) == 1:
            return None, short[:LONGEST_PERSON] or None
        return joined, None
    last_first = re.fullmatch(r"\s*([^,]+),([^,]+)", plain)
    words = re.findall(r"[^\W\d_]+", f"{last_first[2]} {last_first[1]}" if last_first else plain)
    named = [word for word in words if word not in LATIN_TITLES]
    if len(named) > 1:
        return " ".join(sorted(named)), None
    return None, named[0] if named else None


def write_names(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace `full_name` in the temporary table `histories` by `name` and `name_part`. Needs the rules."""
    placeholders = Placeholders.of(connection.execute("SELECT kind, text FROM rules.placeholder_contacts").fetchall())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE plain_names AS SELECT *, {PLAIN_NAME} AS name FROM histories")
    texts = connection.execute(
        "SELECT DISTINCT full_name FROM plain_names WHERE full_name IS NOT NULL AND name IS NULL"
    ).to_arrow_table()
    connection.register("incoming", NAMES.empty_table())
    connection.execute("CREATE OR REPLACE TEMP TABLE other_names AS SELECT * FROM incoming")
    for batch in texts.to_batches(CHUNK):
        read = [(text, *read_name(text, placeholders)) for text in batch["full_name"].to_pylist()]
        rows = [dict(zip(NAMES.names, row, strict=True)) for row in read]
        connection.register("incoming", pa.Table.from_pylist(rows, NAMES))
        connection.execute("INSERT INTO other_names SELECT * FROM incoming")
    connection.unregister("incoming")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE histories AS
        SELECT
            plain_names.* EXCLUDE (full_name, name),
            coalesce(plain_names.name, other_names.name) AS name,
            other_names.name_part
        FROM plain_names
        LEFT JOIN other_names ON plain_names.full_name = other_names.text
    """)
    connection.execute("DROP TABLE plain_names")
    connection.execute("DROP TABLE other_names")
