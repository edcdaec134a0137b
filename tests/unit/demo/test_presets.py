"""Presets: hard has more dirt, drifted continues the demo, large has parts; a home has one demo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipelines.demo.config import DemoConfigError
from pipelines.demo.exports.common_dirt import PLACEHOLDERS
from pipelines.demo.generate import generate
from pipelines.demo.home import HomeInUse, make_demo
from pipelines.demo.presets import NAMES, Preset, preset
from pipelines.home.settings import Settings
from pipelines.ingest.mapping.load import load_mapping


def made(folder: Path, name: str, leads: int = 500) -> Path:
    make_demo(Settings(home=folder), preset(name, leads=leads), lambda _: None)
    return folder


@pytest.fixture(scope="module")
def drifted(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("drifted"), "drifted", 2_000)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    large = preset("large", leads=1_000)
    make_demo(Settings(home=folder), Preset("large", replace(large.config, parts=2)), lambda _: None)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_the_mapping_of_a_preset_reads_each_of_its_files_once(name, tmp_path):
    made(tmp_path, name)
    mapping = load_mapping(tmp_path / "sources" / "demo.yml")
    matched = [path.name for file in mapping.files for path in (tmp_path / "demo").glob(file.path)]

    assert sorted(matched) == sorted(path.name for path in (tmp_path / "demo").glob("[!.]*"))


def test_an_unknown_preset_is_an_error():
    with pytest.raises(DemoConfigError, match="expected one of demo, hard, large, drifted, found harder"):
        preset("harder")


def test_hard_has_the_same_people_and_more_dirt(demo, tmp_path):
    made(tmp_path, "hard")
    truth = tmp_path / "demo_truth"
    clean, dirty = (
        pd.read_parquet(folder / "defects.parquet")["defect"].value_counts() for folder in (demo.truth, truth)
    )

    for name in ("people.parquet", "dormancy_labels.parquet", "campaign_members.parquet"):
        assert pd.read_parquet(truth / name).equals(demo.truth_of(name))
    for defect in ("missing_value", "late_row", "wrong_answer", "resent", "household_phone"):
        assert dirty[defect] > 3 * clean[defect]


def test_drifted_has_identical_files_of_the_demo(drifted, tmp_path):
    config = preset("demo", leads=2_000).config
    summary = generate(config, tmp_path / "demo", tmp_path / "truth", lambda _: None)

    for name in summary.rows:
        assert (drifted / "demo" / name).read_bytes() == (tmp_path / "demo" / name).read_bytes()


def test_the_second_delivery_has_another_channel_mix(drifted):
    before, after = (pd.read_csv(drifted / "demo" / name) for name in ("leads.csv", "leads_later.csv"))
    walked_in = [(leads["来源渠道"] == "自然到访").mean() for leads in (before, after)]

    assert after["created_at"].min() >= "2026-07-01" and after["lead_id"].dropna().is_unique
    assert not set(after["lead_id"]) & set(before["lead_id"].dropna())
    assert walked_in[1] < 0.6 * walked_in[0]
    assert after["意向等级"].isna().mean() > 0.5 > 0.2 > before["意向等级"].isna().mean()


def test_customers_have_fewer_events_in_the_second_delivery(drifted):
    def incoming_a_day(name: str, first: str, last: str) -> float:
        rows = pd.read_csv(drifted / "demo" / name, usecols=["occurred_at", "direction"])
        days = pd.to_datetime(rows["occurred_at"], errors="coerce")
        inside = days.between(first, last) & (rows["direction"] == "in")
        return inside.sum() / (pd.Timestamp(last) - pd.Timestamp(first)).days

    before = incoming_a_day("interactions.csv.gz", "2026-05-01", "2026-06-30")
    after = incoming_a_day("interactions_later.csv.gz", "2026-07-01", "2026-08-29")
    assert 0 < after < 0.8 * before


def test_every_row_of_the_second_delivery_has_a_lead_of_a_delivery(drifted):
    known = set(pd.read_parquet(drifted / "demo_truth" / "record_person.parquet")["lead_id"])
    orphans = pd.read_parquet(drifted / "demo_truth" / "defects.parquet").query("defect == 'orphan'")["written"]

    for name in ("leads.csv", "leads_later.csv", "interactions_later.csv.gz", "transactions_later.csv"):
        named = set(pd.read_csv(drifted / "demo" / name)["lead_id"].dropna())
        assert named and named <= known | set(orphans)


def test_parts_have_no_common_ids_or_contacts(large):
    keys = {"leads": ["lead_id", "phone", "email"], "agents": ["agent_id"], "properties": ["property_id"]}
    for table, columns in keys.items():
        parts = [pd.read_parquet(path, columns=columns) for path in sorted((large / "demo").glob(f"{table}-*.parquet"))]
        assert len(parts) == 2
        for column in columns:
            first, second = (set(part[column].dropna()) - set(PLACEHOLDERS) for part in parts)
            assert first and not first & second
    people = [pd.read_parquet(path) for path in sorted((large / "demo_truth").glob("people-*.parquet"))]
    assert pd.concat(people)["person_id"].is_unique


def test_large_has_more_deal_steps_and_one_cost_per_month_and_channel(large, demo):
    steps = sum(pq.read_metadata(path).num_rows for path in (large / "demo").glob("transactions-*.parquet"))
    costs = pd.read_parquet(large / "demo" / "costs.parquet")

    assert steps > 4 * demo.summary.rows["transactions.csv"]
    assert not costs.duplicated(["month", "channel"]).any() and len(costs) == 30 * 8


def test_a_home_has_one_demo(tmp_path):
    made(tmp_path, "demo", 100)

    made(tmp_path, "demo", 100)
    with pytest.raises(HomeInUse, match=r"has another demo \(demo, 100 leads, seed 20260630\)"):
        made(tmp_path, "hard", 100)
