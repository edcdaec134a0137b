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


LANDING, DBT, TYPING = "integration/ingest/landing", "integration/dbt", "unit/ingest/typing/test_typing"
POLICIES = {
    "A row arrives late": (
        "e2e/runs/test_as_known_then",
        "a_day_is_the_same_from_the_whole_landing_and_from_one_cut_at_that_day",
    ),
    "A row is corrected": (f"{LANDING}/test_versions", "a_corrected_file_adds_its_new_and_changed_rows"),
    "A row is corrected back": (
        f"{LANDING}/test_versions",
        "a_date_that_is_corrected_and_corrected_back_is_three_versions",
    ),
    "A file is sent again": (f"{LANDING}/test_versions", "the_same_rows_under_another_name_add_nothing"),
    "An old export is sent again": (
        f"{DBT}/history/test_sources",
        "an_old_file_with_a_few_new_rows_warns_of_the_delivery",
    ),
    "A line disappears": (f"{DBT}/history/test_sources", "half_of_a_full_export_warns"),
    "A line comes back": (
        f"{LANDING}/test_changed_files",
        "a_line_that_disappears_stays_and_a_line_that_comes_back_is_known",
    ),
    "One id twice in a delivery": (f"{LANDING}/test_versions", "of_two_lines_with_the_same_id_the_last_counts"),
    "An id is used again": (
        f"{DBT}/test_changed_leads",
        "an_id_that_is_used_again_is_counted_and_a_corrected_date_is_not",
    ),
    "A new column": (f"{LANDING}/test_changed_files", "a_new_column_is_kept_and_makes_new_versions"),
    "An optional column is dropped or renamed": (
        f"{LANDING}/test_changed_files",
        "a_renamed_optional_column_is_reported_and_comes_back_with_its_mapping",
    ),
    "A required column is dropped or renamed": (
        f"{LANDING}/test_changed_files",
        "a_renamed_required_column_rejects_its_file_alone",
    ),
    "Columns move": (f"{LANDING}/test_changed_files", "moved_columns_change_nothing"),
    "A column has another type": (
        f"{LANDING}/test_changed_files",
        "numbers_and_dates_of_another_type_are_the_same_rows",
    ),
    "An amount has another unit": (f"{DBT}/history/test_sources", "amounts_in_another_unit_warn"),
    "A clock change skips or repeats a time": (
        TYPING,
        "skipped_times_are_an_hour_later_and_doubled_ones_the_second",
    ),
    "A time names its zone": ("integration/ingest/typing/test_times", "a_time_with_its_zone_is_an_instant"),
}
"""The policies of the guide for sources that change, each with the test that shows it."""


def test_every_policy_for_a_change_has_a_test() -> None:
    assert list(rows_of("what happens")) == list(POLICIES)
    for file, name in POLICIES.values():
        assert f"def test_{name}(" in (PROJECT_ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8")
