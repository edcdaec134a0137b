"""`make bench-large`: costs of spans, tables, exponents, and the measurement of a real process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.large.sample import Cost, Samples, sampled
from benchmarks.large.table import draw, exponent, stage_table
from benchmarks.measure import ContestantFailed

MIB = 2**20


def test_a_span_has_the_processor_time_and_the_largest_memory_of_its_samples() -> None:
    samples = Samples([10.0, 11.0, 12.0, 13.0], [1.0, 2.5, 4.0, 4.5], [100 * MIB, 300 * MIB, 200 * MIB, 900 * MIB])
    assert samples.between(10.5, 11.8) == Cost(pytest.approx(1.3), 3.0, 300.0)


def test_stages_add_up() -> None:
    assert Cost(1.0, 2.0, 300.0) + Cost(2.0, 1.5, 200.0) == Cost(3.0, 3.5, 300.0)


def test_the_exponent_of_a_linear_stage_is_one() -> None:
    assert exponent(10.0, 40.0, 4.0) == pytest.approx(1.0)
    assert exponent(10.0, 160.0, 4.0) == pytest.approx(2.0)


def test_the_table_has_a_line_per_stage_and_the_growth_between_the_two_largest_sizes() -> None:
    by_size = {
        1_000: {"core": Cost(1.0, 1.0, 100.0)},
        4_000: {"core": Cost(2.0, 3.0, 150.0)},
        16_000: {"core": Cost(7.0, 12.0, 1_200.0), "report": Cost(1.0, 1.0, 80.0)},
    }
    core, report = stage_table(by_size).splitlines()[2:]
    assert core == "| core | 1.0 | 1.0 | 100 | 2.0 | 3.0 | 150 | 7.0 | 12.0 | 1,200 | 1.00 |"
    assert report.endswith("| 1.0 | 1.0 | 80 |  |")


def test_the_chart_leaves_out_what_is_no_stage(tmp_path: Path) -> None:
    costs = {"core": Cost(1.0, 1.0, 1.0), "whole": Cost(2.0, 2.0, 1.0)}
    draw({1_000: costs, 4_000: costs}, ("whole",), tmp_path / "chart.svg")
    chart = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert "core" in chart
    assert "whole" not in chart


def test_the_cost_of_a_process_includes_that_of_its_child(tmp_path: Path) -> None:
    child = "import time; held = bytearray(64 * 2**20)\nwhile time.process_time() < 0.6: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    cost, samples = sampled([sys.executable, "-c", parent], tmp_path / "log.txt", tmp_path)
    assert cost.peak_mib > 64
    assert samples.cpu_seconds == sorted(samples.cpu_seconds)
    assert cost.cpu_seconds > 0.2


def test_a_failed_contestant_shows_the_end_of_its_output(tmp_path: Path) -> None:
    with pytest.raises(ContestantFailed, match="no such day"):
        sampled([sys.executable, "-c", "raise SystemExit('no such day')"], tmp_path / "log.txt", tmp_path)
