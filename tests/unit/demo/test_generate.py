"""`generate` writes identical files for the same seed, with the documented size and content."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import phonenumbers
import pyarrow.parquet as pq
import pytest

from pipelines.demo.config import DemoConfig, DemoConfigError
from pipelines.demo.generate import generate
from pipelines.demo.home import MAPPING
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import SourceMapping


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes(demo, tmp_path):
    generate(demo.config, tmp_path / "demo", tmp_path / "truth", lambda _: None)

    assert files_of(tmp_path / "demo") == files_of(demo.raw)
    assert files_of(tmp_path / "truth") == files_of(demo.truth)


def test_another_seed_writes_another_world(demo, tmp_path):
    generate(replace(demo.config, seed=7), tmp_path / "demo", tmp_path / "truth", lambda _: None)

    ours, theirs = files_of(demo.raw), files_of(tmp_path / "demo")
    assert all(ours[name] != theirs[name] for name in ours)


def test_a_second_run_replaces_the_files_of_the_first(demo, tmp_path):
    for seed in (7, demo.config.seed):
        generate(replace(demo.config, seed=seed), tmp_path / "demo", tmp_path / "truth", lambda _: None)

    assert files_of(tmp_path / "demo") == files_of(demo.raw)


def test_the_small_world_has_the_proportions_of_the_demo(demo):
    rows = demo.summary.rows

    assert rows["leads.csv"] == 500
    assert 3_500 <= rows["interactions.csv.gz"] <= 6_500
    assert 90 <= rows["transactions.csv"] <= 250
    assert rows["agents.csv"] == 6
    assert rows["costs.csv"] == 30 * 8
    assert demo.summary.last_day == demo.config.last_day
    assert demo.summary.people == len(demo.truth_of("people.parquet"))
    assert demo.summary.defects == len(demo.truth_of("defects.parquet"))


def test_the_summary_counts_the_rows_of_the_files(demo):
    for name in ("leads.csv", "interactions.csv.gz", "transactions.csv", "agents.csv", "costs.csv"):
        assert len(demo.text(name)) == demo.summary.rows[name]


def test_progress_is_reported(tmp_path):
    messages: list[str] = []
    generate(DemoConfig(leads=100), tmp_path / "demo", tmp_path / "truth", messages.append)

    assert len(messages) >= 3
    assert all(messages)


def test_every_record_has_a_person_and_every_person_a_record(demo):
    owners = demo.truth_of("record_person.parquet")

    assert owners["lead_id"].is_unique and len(owners) == 500
    assert set(owners["person_id"]) == set(demo.truth_of("people.parquet")["person_id"])
    assert 0.05 <= (owners.groupby("person_id").size() > 1).mean() <= 0.12
    assert owners.groupby("person_id").size().max() <= 3


def test_every_phone_is_possible_and_none_is_valid(demo):
    withheld = demo.truth_of("defects.parquet").query("defect in ('masked_phone', 'placeholder_phone')")["row_id"]
    leads = demo.text("leads.csv")
    phones = leads.loc[~leads["lead_id"].isin(withheld), "phone"].dropna()

    parsed = [phonenumbers.parse(phone, "CN") for phone in phones]
    assert len(parsed) > 400
    assert all(phonenumbers.is_possible_number(number) for number in parsed)
    assert not any(phonenumbers.is_valid_number(number) for number in parsed)


@pytest.fixture(scope="module")
def mapping(demo) -> SourceMapping:
    """The mapping file, copied to the folder of a user's sources."""
    sources = demo.raw.parent / "sources"
    sources.mkdir()
    return load_mapping(Path(shutil.copy(MAPPING, sources / "demo.yml")))


def columns_of(path: Path) -> set[str]:
    if path.suffix == ".parquet":
        return set(pq.read_schema(path).names)
    return set(pd.read_csv(path, nrows=0).columns)


def test_the_mapping_reads_every_column_of_every_file(demo, mapping):
    assert mapping.root.resolve() == demo.raw.resolve()
    assert {file.path for file in mapping.files} == set(demo.summary.rows)
    for file in mapping.files:
        read = {column for entity in file.entities for field in entity.fields for column in field.reads}
        read |= mapping.known_at.reads
        assert read == columns_of(demo.raw / file.path)


def test_the_mapping_translates_every_value_of_the_files(demo, mapping):
    translated = [
        (file.path, field)
        for file in mapping.files
        for entity in file.entities
        for field in entity.fields
        if field.values
    ]

    assert len(translated) == 4
    for path, field in translated:
        assert set(demo.text(path)[field.column].dropna()) == {text for text, _ in field.values}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leads": 99}, "leads: expected at least 100, found 99"),
        ({"last_day": DemoConfig().start}, "expected a year or more"),
    ],
)
def test_invalid_settings_are_errors(settings, message):
    with pytest.raises(DemoConfigError, match=message):
        DemoConfig(**settings)


def test_a_year_without_a_known_spring_festival_is_an_error(tmp_path):
    config = DemoConfig(leads=100, last_day=DemoConfig().last_day.replace(year=2031))

    with pytest.raises(DemoConfigError, match="expected years 2023 to 2028, found 2029"):
        generate(config, tmp_path / "demo", tmp_path / "truth", lambda _: None)
