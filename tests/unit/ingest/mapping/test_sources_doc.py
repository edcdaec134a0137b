"""The guide to mappings: what it shows loads, and nothing of the contract or the format is left out."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from pipelines.home.settings import PROJECT_ROOT
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.mapping.field_mapping import FIELD_KEYS
from pipelines.ingest.mapping.file_entry import ENTITY_KEYS, FILE_KEYS
from pipelines.ingest.mapping.load import SOURCE_KEYS, load_mapping

GUIDE = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^ *```yaml\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    pytest.param(textwrap.dedent(text), id=f"{name}-{number}")
    for name, guide in (("sources", GUIDE), ("readme", README))
    for number, text in enumerate(BLOCK.findall(guide), 1)
]


def rows_of(first_column: str) -> dict[str, str]:
    """The rows of the guide's tables with that heading: name in the first cell, then the rest of the row."""
    tables = re.findall(rf"^\| {first_column} \|.*\n\|[-|]+\n((?:\|.*\n)+)", GUIDE, re.MULTILINE)
    lines = "".join(tables).splitlines()
    return dict(re.match(r"\| `?([^`|]+?)`? \| (.*)", line).groups() for line in lines)


def test_guide_and_readme_show_mappings() -> None:
    assert {example.id.split("-")[0] for example in EXAMPLES} == {"sources", "readme"}


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_mapping_that_is_shown_loads(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "exports").mkdir()
    path = tmp_path / "shown.yml"
    path.write_text(text, encoding="utf-8")
    assert load_mapping(path).files


@pytest.mark.parametrize("name", ENTITIES)
def test_the_guide_lists_every_field_of_the_contract_in_order(name: str) -> None:
    _, required, optional = rows_of("entity")[name].strip("| ").split(" | ")
    for cell, is_required in ((required, True), (optional, False)):
        expected = [field.name for field in ENTITIES[name].fields if field.required is is_required]
        assert sorted(re.findall(r"`(\w+)`", cell)) == sorted(expected)
    restricted = {field.name for field in ENTITIES[name].fields if field.restricted}
    assert set(re.findall(r"\*`(\w+)`\*", required + optional)) == restricted


def test_the_guide_lists_every_allowed_value() -> None:
    shown = {name: tuple(re.findall(r"`(\w+)`", cell.split(";")[0])) for name, cell in rows_of("field").items()}
    assert shown == {
        f"{entity.name}.{field.name}": field.values
        for entity in ENTITIES.values()
        for field in entity.fields
        if field.values
    }


def test_the_guide_lists_every_key_of_a_mapping() -> None:
    assert set(rows_of("key")) == {*SOURCE_KEYS, *FILE_KEYS, *FIELD_KEYS, *ENTITY_KEYS}
