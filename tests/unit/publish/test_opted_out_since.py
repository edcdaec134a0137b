"""A rollback does not bring marketing back to people who have opted out since."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from pipelines.publish.opted_out_since import OptedOutSince, assert_nobody_opted_out_since

FIRST, SECOND, THIRD = "2026-06-28-aaaaaaaa", "2026-06-29-bbbbbbbb", "2026-06-30-cccccccc"


def version(published: Path, name: str, columns: str) -> None:
    folder = published / "versions" / name
    folder.mkdir(parents=True)
    file = folder / "customer_grades.parquet"
    duckdb.sql(f"SELECT range AS customer_id, {columns} FROM range(10)").write_parquet(str(file))
    os.utime(folder, ns=(len(list(folder.parent.iterdir())),) * 2)


@pytest.fixture
def published(tmp_path: Path) -> Path:
    version(tmp_path, FIRST, "'A' AS grade")
    version(tmp_path, SECOND, "range < 2 AS is_opted_out")
    version(tmp_path, THIRD, "range BETWEEN 1 AND 4 AS is_opted_out")
    return tmp_path


def test_a_version_older_than_refusals_is_refused_with_their_count(published: Path) -> None:
    with pytest.raises(OptedOutSince, match=f"^3 customers of {SECOND} have opted out of marketing by {THIRD}"):
        assert_nobody_opted_out_since(published, SECOND)
    with pytest.raises(OptedOutSince, match=f"^4 customers of {FIRST} .*--despite-opt-outs"):
        assert_nobody_opted_out_since(published, FIRST)


def test_the_newest_version_and_one_that_is_missing_are_no_matter_of_opt_outs(published: Path) -> None:
    assert_nobody_opted_out_since(published, THIRD)
    assert_nobody_opted_out_since(published, "2026-06-30-dddddddd")


def test_a_damaged_version_is_skipped_and_unreadable_later_versions_are_an_error(published: Path) -> None:
    (published / "versions" / THIRD / "customer_grades.parquet").write_bytes(b"half")
    assert_nobody_opted_out_since(published, SECOND.replace("bbbbbbbb", "eeeeeeee"))
    with pytest.raises(OptedOutSince, match=f"^2 customers of {FIRST} have opted out of marketing by {SECOND}"):
        assert_nobody_opted_out_since(published, FIRST)
    with pytest.raises(OptedOutSince, match="later opt-outs are unknown"):
        assert_nobody_opted_out_since(published, SECOND)


def test_a_damaged_version_itself_is_left_to_the_switch(published: Path) -> None:
    (published / "versions" / FIRST / "customer_grades.parquet").write_bytes(b"half")
    assert_nobody_opted_out_since(published, FIRST)


def test_a_version_of_the_same_day_that_was_made_later_counts(published: Path) -> None:
    version(published, "2026-06-30-00000000", "true AS is_opted_out")
    with pytest.raises(OptedOutSince, match=f"^6 customers of {THIRD}"):
        assert_nobody_opted_out_since(published, THIRD)
