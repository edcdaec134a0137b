"""Writes the column tables of docs/outputs.md from the contracts of the published tables.

`python docs/columns.py` rewrites the tables. With `--check` it writes nothing and exits with 1 if a table differs.
Contracts come from dbt's manifest: `make lint` and `make fix` parse the project before they call this script.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "outputs.md"
MANIFEST = ROOT / "dbt_project" / "target" / "manifest.json"
HEADER = ["| column | type | null when | meaning and values |", "|---|---|---|---|"]
BLOCK = re.compile(r"<!-- columns of (\w+) -->\n.*?<!-- end of columns -->", re.DOTALL)


def published_contracts(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The columns of each published table, in the order of its contract."""
    nodes = manifest["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["config"]["schema"] == "marts"]
    return {model["alias"]: model["columns"] for model in models}


def column_row(column: dict[str, Any]) -> str:
    """One line of a Markdown table. A column without `config.meta.null_when` is never null."""
    null_when = column["config"].get("meta", {}).get("null_when", "never")
    # The contracts say `string`, which both engines read; DuckDB stores it as varchar.
    data_type = column["data_type"].replace("string", "varchar")
    cells = (f"`{column['name']}`", data_type, null_when, column["description"])
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def with_tables(text: str, contracts: dict[str, dict[str, Any]]) -> str:
    """The document with each block of columns rewritten. Raises ValueError if it lacks a table, or has one too many."""
    blocks = BLOCK.findall(text)
    if sorted(blocks) != sorted(contracts):
        missing, unknown = sorted(set(contracts) - set(blocks)), sorted(set(blocks) - set(contracts))
        raise ValueError(f"expected one block per published table, got none for {missing}, and blocks for {unknown}")

    def table(match: re.Match[str]) -> str:
        rows = [column_row(column) for column in contracts[match[1]].values()]
        return "\n".join([f"<!-- columns of {match[1]} -->", *HEADER, *rows, "<!-- end of columns -->"])

    return BLOCK.sub(table, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a table differs")
    check = parser.parse_args().check
    before = DOCUMENT.read_text(encoding="utf-8")
    after = with_tables(before, published_contracts(json.loads(MANIFEST.read_text(encoding="utf-8"))))
    if before == after:
        return 0
    if check:
        print("docs/outputs.md: tables of columns differ from the contracts: run `make fix`", file=sys.stderr)
        return 1
    DOCUMENT.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
