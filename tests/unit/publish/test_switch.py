"""One link decides what is live."""

import os
from datetime import date

import pytest

from pipelines.publish.switch import VersionMissing, live_version, prune, switch, version_date, version_ids


@pytest.fixture
def published(tmp_path):
    published = tmp_path / "published"
    for number, day in enumerate(["2026-06-28-aaaa", "2026-06-29-bbbb", "2026-06-30-cccc"]):
        folder = published / "versions" / day
        folder.mkdir(parents=True)
        (folder / "x.parquet").write_text(day)
        os.utime(folder, ns=(number, number))
    return published


def test_nothing_is_live_before_the_first_switch(published):
    assert live_version(published) is None


def test_the_switch_moves_readers_to_the_version_and_leaves_open_files_whole(published):
    switch(published, "2026-06-29-bbbb")
    with (published / "current" / "x.parquet").open() as held:
        switch(published, "2026-06-30-cccc")
        assert held.read() == "2026-06-29-bbbb"
    assert (published / "current" / "x.parquet").read_text() == "2026-06-30-cccc"
    assert live_version(published) == "2026-06-30-cccc"


def test_a_leftover_of_a_killed_switch_is_no_obstacle(published):
    (published / ".current.partial").symlink_to("nowhere")
    switch(published, "2026-06-29-bbbb")
    assert live_version(published) == "2026-06-29-bbbb"


def test_an_unknown_version_is_refused_and_the_known_ones_are_named(published):
    switch(published, "2026-06-29-bbbb")
    with pytest.raises(VersionMissing, match="2026-06-30-cccc"):
        switch(published, "2026-06-30-zzzz")
    assert live_version(published) == "2026-06-29-bbbb"


def test_pruning_keeps_the_latest_and_the_live_one(published):
    switch(published, "2026-06-28-aaaa")
    assert prune(published, keep=1) == ["2026-06-29-bbbb"]
    assert version_ids(published) == ["2026-06-28-aaaa", "2026-06-30-cccc"]


def test_a_version_knows_its_day():
    assert version_date("2026-06-30-1f0c2a9b") == date(2026, 6, 30)
