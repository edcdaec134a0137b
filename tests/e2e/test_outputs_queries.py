"""Every query of docs/outputs.md runs on what was published, and answers."""

import json
import re
import runpy

import duckdb
import pytest

from pipelines.home.settings import DBT_PROJECT, PROJECT_ROOT

MAY_BE_EMPTY = "-- may be empty"
DOCUMENT = (PROJECT_ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
MANIFEST = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
CONTRACTS = runpy.run_path(str(PROJECT_ROOT / "docs" / "columns.py"))["published_contracts"](MANIFEST)
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


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_column_that_is_never_null_by_the_document_has_no_null(demo, table):
    filled = [name for name, column in CONTRACTS[table].items() if "null_when" not in column["config"].get("meta", {})]
    nulls = ", ".join(f'count(*) - count("{name}") AS "{name}"' for name in filled)
    live = demo.home / "published" / "current" / "tierhouse.duckdb"
    with duckdb.connect(str(live), read_only=True) as connection:
        found = connection.execute(f"SELECT {nulls} FROM {table}").fetchdf().iloc[0]
    assert found[found > 0].to_dict() == {}
