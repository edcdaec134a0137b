"""docs/outputs.md describes each published table as its contract does."""

from __future__ import annotations

import functools
import json
import re
import runpy
import subprocess
import sys

import pytest
import yaml

from pipelines.home.settings import DBT_PROJECT, PROJECT_ROOT
from pipelines.publish.tables import published_tables

SCRIPT = PROJECT_ROOT / "docs" / "columns.py"
MANIFEST = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
COLUMNS = runpy.run_path(str(SCRIPT))
CONTRACTS = COLUMNS["published_contracts"](MANIFEST)
DOCUMENT = (PROJECT_ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")


@functools.cache
def contract_files() -> dict[str, list[dict]]:
    """The columns of each published table as the yml states them, with their tests."""
    nodes = MANIFEST["nodes"].values()
    aliases = {node["name"]: node["alias"] for node in nodes if node["config"].get("schema") == "marts"}
    files = {DBT_PROJECT / node["patch_path"].split("://")[1] for node in nodes if node["name"] in aliases}
    models = [model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]
    return {aliases[model["name"]]: model["columns"] for model in models}


def part(heading: str, level: int) -> str:
    """The text below a heading, up to the next heading of the same or a higher level."""
    found = re.findall(rf"^#{{{level}}} {heading}\n(.*?)(?=^#{{1,{level}}} |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"expected one heading {'#' * level} {heading}, found {len(found)}"
    return found[0]


def test_every_published_table_has_a_section_and_nothing_else_does() -> None:
    sections = re.findall(r"^### (.+)$", part("Tables", 2), re.MULTILINE)
    assert len(sections) == len(set(sections))
    assert set(sections) == set(CONTRACTS) == set(published_tables())


def test_the_tables_of_columns_are_those_that_the_script_writes() -> None:
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_section_lists_the_columns_of_the_contract_with_their_types(table: str) -> None:
    block = part(table, 3).split(f"<!-- columns of {table} -->")[1].split("<!-- end of columns -->")[0]
    found = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", block, re.MULTILINE)
    kinds = {"string": "varchar"}
    columns = contract_files()[table]
    assert found == [(column["name"], kinds.get(column["data_type"], column["data_type"])) for column in columns]


def test_a_changed_contract_changes_the_table_and_a_missing_block_is_an_error() -> None:
    column = {"name": "grade", "data_type": "varchar", "description": "A | B.", "config": {"meta": {"null_when": "no"}}}
    text = "before\n<!-- columns of one -->\nold\n<!-- end of columns -->\nafter"
    written = COLUMNS["with_tables"](text, {"one": {"grade": column}})
    assert "| `grade` | varchar | no | A \\| B. |\n<!-- end of columns -->\nafter" in written
    assert "old" not in written
    with pytest.raises(ValueError, match="none for"):
        COLUMNS["with_tables"](text, {"one": {}, "two": {}})


@pytest.mark.parametrize("table", CONTRACTS)
def test_a_column_that_is_never_null_by_contract_has_no_condition_for_null(table: str) -> None:
    for column in CONTRACTS[table].values():
        if any(constraint["type"] == "not_null" for constraint in column["constraints"]):
            assert "null_when" not in column["config"].get("meta", {}), column["name"]


@pytest.mark.parametrize("table", CONTRACTS)
def test_the_description_of_a_column_names_every_accepted_value(table: str) -> None:
    for column in contract_files()[table]:
        for check in column.get("data_tests", []):
            if isinstance(check, dict) and "accepted_values" in check:
                for value in check["accepted_values"]["arguments"]["values"]:
                    assert f"`{value}`" in column["description"], f"{column['name']}: {value}"


@pytest.mark.parametrize("table", CONTRACTS)
def test_every_section_says_grain_and_key_and_has_a_query(table: str) -> None:
    section = part(table, 3)
    assert "Grain: " in section
    assert section.count(f"<!-- columns of {table} -->") == 1
    keys = re.search(r"Key:\s(`\w+`(?:,\s`\w+`)*)", section)
    assert keys is not None
    key = set(re.findall(r"\w+", keys[1]))
    assert set(published_tables()[table]) <= key <= set(CONTRACTS[table])
    assert "```sql\n" in section
    assert table in section.split("```sql\n")[1]


def test_every_rules_table_is_explained_and_no_other() -> None:
    named = set(re.findall(r"`(\w+\.csv)`", part("The rules behind the values", 2)))
    assert named == {file.name for file in (DBT_PROJECT / "seeds" / "rules").glob("*.csv")}


def test_the_readme_lists_every_published_table() -> None:
    listed = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", README, re.MULTILINE)
    assert {name for cell in listed for name in re.findall(r"\w+", cell)} >= set(CONTRACTS)
