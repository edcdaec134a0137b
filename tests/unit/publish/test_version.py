"""A version is built once: a step that is tried again succeeds, and readers keep what is live."""

from __future__ import annotations

import json

import duckdb
import pytest

from pipelines.publish import folders, version
from pipelines.publish.switch import live_version, switch, version_ids
from pipelines.publish.version import build_version

ID = "2026-06-30-1f0c2a9b"


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    monkeypatch.setattr(version, "published_tables", lambda: {"customer_grades": ("customer_id",)})
    file = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA marts")
        connection.execute("CREATE TABLE marts.customer_grades AS SELECT range AS customer_id FROM range(3)")
    return file


@pytest.fixture
def published(tmp_path):
    return tmp_path / "published"


def test_the_manifest_lists_each_file_with_its_sum_and_each_table_with_its_rows(warehouse, published):
    build_version(warehouse, published / "versions", ID)
    manifest = json.loads((published / "versions" / ID / "manifest.json").read_text())
    assert (manifest["version"], manifest["rows"]) == (ID, {"customer_grades": 3})
    assert {
        name: one["bytes"] == (published / "versions" / ID / name).stat().st_size
        for name, one in manifest["files"].items()
    } == {"customer_grades.parquet": True, "tierhouse.duckdb": True}


def test_a_publication_that_is_tried_again_after_another_error_succeeds(warehouse, published):
    build_version(warehouse, published / "versions", ID)
    assert build_version(warehouse, published / "versions", ID) == {"customer_grades": 3}
    switch(published, ID)
    assert version_ids(published) == [ID]


def test_a_publication_that_is_tried_again_after_its_switch_leaves_readers_their_files(warehouse, published):
    build_version(warehouse, published / "versions", ID)
    switch(published, ID)
    before = (published / "current" / "tierhouse.duckdb").stat().st_ino
    build_version(warehouse, published / "versions", ID)
    assert (published / "current" / "tierhouse.duckdb").stat().st_ino == before
    assert [path.name for path in (published / "versions").iterdir()] == [ID]


def test_a_live_version_that_is_damaged_is_replaced_when_its_publication_is_tried_again(warehouse, published):
    build_version(warehouse, published / "versions", ID)
    switch(published, ID)
    (published / "current" / "customer_grades.parquet").write_bytes(b"?")
    build_version(warehouse, published / "versions", ID)
    switch(published, ID)
    assert live_version(published) == ID


def test_what_a_killed_build_left_is_no_obstacle(warehouse, published):
    (published / "versions" / f".{ID}.partial").mkdir(parents=True)
    (published / "versions" / f".{ID}.partial" / "half.parquet").touch()
    build_version(warehouse, published / "versions", ID)
    assert "half.parquet" not in json.loads((published / "versions" / ID / "manifest.json").read_text())["files"]


def test_a_version_that_cannot_be_replaced_says_why_and_not_that_the_directory_is_not_empty(
    warehouse, published, monkeypatch
):
    build_version(warehouse, published / "versions", ID)

    def refused(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(folders, "remove", lambda path: refused(path) if path.name == ID else None)
    with pytest.raises(PermissionError, match="Permission denied"):
        build_version(warehouse, published / "versions", ID)
