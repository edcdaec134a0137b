"""Every query of docs/outputs.md runs on what was published, and answers."""

import re

import duckdb
import pytest

from pipelines.home.settings import PROJECT_ROOT

MAY_BE_EMPTY = "-- may be empty"
DOCUMENT = (PROJECT_ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql\n(.*?)^```$", DOCUMENT, flags=re.MULTILINE | re.DOTALL)


def test_the_document_has_queries():
    assert len(QUERIES) > 9
    assert len(QUERIES) == DOCUMENT.count("```sql")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query.removeprefix(MAY_BE_EMPTY).split())[:60])
def test_a_documented_query_returns_rows(demo, query):
    live = demo.home / "published" / "current" / "tierhouse.duckdb"
    with duckdb.connect(str(live), read_only=True) as connection:
        rows = connection.execute(query).fetchall()
    assert rows or query.startswith(MAY_BE_EMPTY)
