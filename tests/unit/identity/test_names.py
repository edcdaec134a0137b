"""Names as keys: what counts as a full name, a part of a name and no name."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.contacts import Placeholders
from pipelines.identity.names import HAN_TITLES, PLAIN_NAME, read_name
from tests.integration.dbt.properties.histories import rules

PLACEHOLDERS = Placeholders.of((row["kind"], row["text"]) for row in rules("placeholder_contacts"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王小明", ("王小明", None)),
        ("王\u3000小明", ("王小明", None)),
        (" 王 小 明 ", ("王小明", None)),
        ("欧阳娜娜", ("欧阳娜娜", None)),
        ("王先生", (None, "王")),
        ("欧阳女士", (None, "欧阳")),
        ("王总", (None, "王")),
        ("王", (None, "王")),
        ("先生", (None, None)),
        ("上海远洋贸易有限公司", ("上海远洋贸易有限公司", None)),
        ("Ms. Anna Smith", ("anna smith", None)),
        ("SMITH, Anna", ("anna smith", None)),
        ("Mr Smith", (None, "smith")),
        ("Anna", (None, "anna")),
        ("无", (None, None)),
        ("13811110001", (None, None)),
        ("  ", (None, None)),
    ],
)
def test_a_name_is_full_a_part_or_none(text: str, expected: tuple) -> None:
    assert read_name(text, PLACEHOLDERS) == expected


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE SCHEMA rules; CREATE TABLE rules.placeholder_contacts (kind VARCHAR, text VARCHAR)")
    connection.executemany(
        "INSERT INTO rules.placeholder_contacts VALUES (?, ?)",
        [(row["kind"], row["text"]) for row in rules("placeholder_contacts")],
    )
    return connection


_texts = st.text(alphabet=[*"王小明欧阳先生总老师无没有an. ", "\u3000"], max_size=6) | st.sampled_from(HAN_TITLES)


@settings(deadline=None, max_examples=15)
@given(st.lists(_texts, min_size=30, max_size=60))
def test_sql_reads_the_same_keys_as_python(database: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    query = f"SELECT full_name, {PLAIN_NAME} AS key FROM (SELECT unnest($1) AS full_name)"
    for text, key in database.execute(query, [texts]).fetchall():
        assert key is None or read_name(text, PLACEHOLDERS) == (key, None)
