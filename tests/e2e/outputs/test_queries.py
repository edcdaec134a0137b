"""Every query of docs/outputs.md and docs/requirements.md runs on the published tables and returns rows."""

import json
import re
import runpy

import duckdb
import pytest

from pipelines.home.settings import DBT_PROJECT, PROJECT_ROOT

MAY_BE_EMPTY = "-- may be empty"
OUTPUTS = (PROJECT_ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
REQUIREMENTS = (PROJECT_ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
MANIFEST = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
CONTRACTS = runpy.run_path(str(PROJECT_ROOT / "docs" / "columns.py"))["published_contracts"](MANIFEST)
QUERIES = re.findall(r"^```sql\n(.*?)^```$", OUTPUTS + REQUIREMENTS, flags=re.MULTILINE | re.DOTALL)


def test_the_documents_have_queries():
    assert len(QUERIES) > 59
    assert len(QUERIES) == (OUTPUTS + REQUIREMENTS).count("```sql")


def test_a_query_of_a_requirement_has_an_id_of_the_tables_and_every_answer_of_a_table_a_column():
    listed = re.findall(r"^\| ([A-Z]\d+) \|", REQUIREMENTS, flags=re.MULTILINE)
    assert len(listed) == len(set(listed))
    asked = re.findall(r"^\*\*([A-Z]\d+): ", REQUIREMENTS, flags=re.MULTILINE)
    assert len(asked) == REQUIREMENTS.count("```sql")
    assert set(asked) <= set(listed)
    named = re.findall(r"`(\w+)\.(\w+)`", REQUIREMENTS.split("## Queries by requirement")[0])
    assert [
        (table, column) for table, column in named if column not in {"csv", "html"} and column not in CONTRACTS[table]
    ] == []


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
