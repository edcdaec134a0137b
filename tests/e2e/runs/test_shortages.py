"""Too little memory and a full spill folder: one line that names the setting, nothing published, then a normal run."""

from __future__ import annotations

import re

import pytest

from tests.e2e.crowded import Crowded
from tests.e2e.past import BEFORE, Past
from tests.e2e.shortages import Refused


def assert_refused(run: Refused, step: str, line: str) -> None:
    assert run.done.returncode == 1
    assert run.after == run.before and all(run.before)
    head, cause, *lines, not_run = run.done.stderr.partition("Error: ")[2].strip().splitlines()
    assert head.startswith("daily_grading for ")
    assert cause == f"{step}: dbt:" and len(lines) == 1
    assert re.match(rf"    (seed|model) \w+ \([\w/.]+\)( and \d+ others?)?: {line}", lines[0])
    assert not_run.endswith("the live version is unchanged")
    assert "Traceback" not in run.done.stdout + run.done.stderr


def test_too_little_memory_is_one_line_and_publishes_nothing(crowded: Crowded) -> None:
    line = r"DuckDB needs more memory than its limit of 28\.6 MiB: raise TIERHOUSE_MEMORY_LIMIT or lower TIERHOUSE_"
    assert_refused(crowded.short, "dbt_staging", line)


def test_a_full_spill_folder_is_one_line_and_publishes_nothing(past: Past) -> None:
    if past.full is None:
        pytest.skip("this account may not mount a file system of 1 MB")
    line = "the disk is full: free space on the disk of TIERHOUSE_HOME, where DuckDB also puts what exceeds its memory"
    assert_refused(past.full, "dbt_core", line)


def test_the_next_runs_need_nothing_else(crowded: Crowded, past: Past) -> None:
    assert crowded.done.returncode == 0
    assert set(BEFORE) < set(past.days)
    assert not [*crowded.home.glob("*.tmp"), *past.home.glob("*.tmp")]
