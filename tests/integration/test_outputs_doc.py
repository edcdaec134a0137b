"""docs/outputs.md says of every published table what its dbt contract says, column by column."""

from __future__ import annotations

import re

import pytest
import yaml

from pipelines.home.settings import DBT_PROJECT, PROJECT_ROOT
from pipelines.publish.version import TABLES

DOCUMENT = (PROJECT_ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
PUBLISHED = DBT_PROJECT / "models" / "published"
LATER = "always, until a later version"
HEADER = "| column | type | null when | meaning and values |"


def contracts() -> dict[str, list[dict]]:
    """The columns of each published table, from every contract file."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(PUBLISHED.glob("*.yml"))]
    return {model["name"]: model["columns"] for file in files for model in file.get("models", [])}


def part(heading: str, level: int) -> str:
    """What stands below a heading, up to the next one of its level or a higher one."""
    found = re.findall(rf"^#{{{level}}} {heading}\n(.*?)(?=^#{{1,{level}}} |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"expected one heading {'#' * level} {heading}, found {len(found)}"
    return found[0]


def documented(table: str) -> list[dict[str, str]]:
    """The rows of the table of columns in the section of a published table."""
    section = part(table, 3)
    assert section.count(HEADER) == 1, table
    lines = section.split(HEADER)[1].strip().split("\n\n")[0].splitlines()[1:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(("name", "type", "null", "meaning"), row, strict=True)) for row in rows]


CONTRACTS = contracts()


def test_every_published_table_has_a_section_and_nothing_else_does() -> None:
    sections = re.findall(r"^### (.+)$", part("Tables", 2), re.MULTILINE)
    assert len(sections) == len(set(sections))
    assert set(sections) == set(CONTRACTS) == set(TABLES)


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_column_stands_in_its_tables_section_with_its_type_and_nothing_else_does(table: str) -> None:
    found = [(row["name"], row["type"]) for row in documented(table)]
    assert found == [(f"`{column['name']}`", column["data_type"]) for column in CONTRACTS[table]]


@pytest.mark.parametrize("table", CONTRACTS)
def test_what_is_never_null_by_contract_is_never_null_by_the_document(table: str) -> None:
    said = {row["name"].strip("`"): row["null"] for row in documented(table)}
    assert all(said.values())
    for column in CONTRACTS[table]:
        if {"type": "not_null"} in column.get("constraints", []):
            assert said[column["name"]] == "never", column["name"]


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_accepted_value_is_told(table: str) -> None:
    meaning = {row["name"].strip("`"): row["meaning"] for row in documented(table)}
    for column in CONTRACTS[table]:
        for check in column.get("data_tests", []):
            if isinstance(check, dict) and "accepted_values" in check:
                for value in check["accepted_values"]["arguments"]["values"]:
                    assert f"`{value}`" in meaning[column["name"]], f"{column['name']}: {value}"


@pytest.mark.parametrize("table", CONTRACTS)
def test_columns_without_content_yet_are_those_that_the_model_leaves_null(table: str) -> None:
    sql = (PUBLISHED / f"{table}.sql").read_text(encoding="utf-8")
    left_null = re.findall(r"cast\(null as [^\n]+\) as (\w+)", sql)
    assert [row["name"].strip("`") for row in documented(table) if row["null"] == LATER] == left_null
    line = re.findall(rf"^\| `{table}` \| (.*) \|$", part("Columns without content yet", 3), re.MULTILINE)
    assert line == ([", ".join(f"`{name}`" for name in left_null)] if left_null else [])


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_section_says_grain_and_key_and_has_a_query(table: str) -> None:
    section = part(table, 3)
    assert "Grain: " in section
    keys = re.search(r"Key: (`\w+`(?:, `\w+`)*)", section)
    assert keys is not None
    key = set(re.findall(r"\w+", keys[1]))
    assert set(TABLES[table]) <= key <= {column["name"] for column in CONTRACTS[table]}
    assert "```sql\n" in section
    assert table in section.split("```sql\n")[1]


def test_every_rule_table_is_explained_and_no_other() -> None:
    named = set(re.findall(r"`(\w+\.csv)`", part("The rules behind the values", 2)))
    assert named == {file.name for file in (DBT_PROJECT / "seeds" / "rules").glob("*.csv")}
