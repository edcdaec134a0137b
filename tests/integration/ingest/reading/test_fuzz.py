"""Malformed files by the hundred: each adds up or is refused in one line, soon, and takes no row of another with it."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.reading.read import WHITE_SPACE
from pipelines.ingest.stage import SourceReport, stage_sources
from tests.ingest_home import NOW, IngestHome
from tests.malformed import HUGE, malformed

PER_GROUP, GROUPS = 84, 3
SECONDS = 30
COUNTED = ("cells.csv", "ragged.csv", "wide.csv")
"""Kinds whose records are their lines, so that they can be counted without a parser."""
FIELDS = "{lead_id: customer, occurred_at: day, kind: {value: sale}, amount: price, property_id: id}"
MAPPING = f"""\
source: shop
root: ../raw/shop
timezone: Asia/Shanghai
currency: CNY
quarantine_bar: 1
files:
  - path: good.csv
    entities: &entities
      transactions: {FIELDS}
      leads: {{implied: true, lead_id: customer, created_at: day}}
  - {{path: "[0-9]*.csv", entities: *entities}}
  - {{path: "*.csv.gz", entities: *entities}}
  - {{path: "*.parquet", entities: *entities}}
  - {{path: "*.xlsx", entities: *entities}}
"""
GOOD = "id,customer,day,price\n" + "".join(f"{n},G{n},2025-01-01,10\n" for n in range(50))


def staged(folder: Path, files: dict[str, bytes]) -> tuple[IngestHome, SourceReport, float]:
    """The files staged beside a good one; the longest time that one of them took, in seconds."""
    home = IngestHome.at(folder)
    home.mapping(MAPPING)
    home.raw(GOOD, "good.csv")
    for name, data in files.items():
        home.raw(data, name)
    moments = [time.perf_counter()]
    (report,) = stage_sources(home.settings, NOW, lambda _: moments.append(time.perf_counter()))
    moments.append(time.perf_counter())
    return home, report, max(after - before for before, after in pairwise(moments))


def check(home: IngestHome, report: SourceReport, files: dict[str, bytes]) -> None:
    refused = {refusal.file.split("#")[0] for refusal in report.refused}
    reported = {row.file.split("#")[0] for row in report.files}
    assert report.error is None
    assert all("\n" not in problem and len(problem) < 400 for problem in report.problems)
    unmatched = {"*.csv.gz", "*.parquet", "*.xlsx"}
    assert (reported | refused) - {"good.csv", *unmatched} == set(files), "each file adds up or is refused"
    assert not reported & refused
    for row in report.files:
        assert row.lines == row.accepted + row.quarantined + row.known, row
        if row.entity == "transactions" and any(kind in row.file for kind in COUNTED):
            below = files[row.file].decode("utf-8", "replace").split("\n")[1:]
            assert row.lines == sum(bool(line.replace(",", "").strip(WHITE_SPACE)) for line in below), row
    good = {row.entity: (row.lines, row.accepted) for row in report.files if row.file == "good.csv"}
    assert good == {"transactions": (50, 50), "leads": (50, 50)}
    _stored(home, report)


def _stored(home: IngestHome, report: SourceReport) -> None:
    """What the report counts is what lies there, and each quarantined row has its rule and its text."""
    with duckdb.connect() as connection:
        for entity, accepted in report.batch.accepted.items():
            path = home.settings.staged / report.batch.batch / f"{entity}.parquet"
            lines = "SELECT count(*), count(DISTINCT (file, line)) FROM read_parquet(?)"
            assert connection.execute(lines, [str(path)]).fetchone() == (accepted, accepted)
    rows = home.quarantine() if report.batch.faults else []
    assert len(rows) == sum(row.quarantined for row in report.files)
    assert all(rule and message and text is not None for _, _, rule, _, message, text in rows)


@pytest.mark.parametrize("seed", range(GROUPS))
def test_malformed_files_add_up_or_are_refused(tmp_path: Path, seed: int) -> None:
    files = dict(malformed(seed, PER_GROUP))
    home, report, longest = staged(tmp_path, files)
    check(home, report, files)
    assert longest < SECONDS


def test_a_field_of_ten_megabytes_is_refused_and_the_rest_goes_on(tmp_path: Path) -> None:
    rng = random.Random(1)
    files = {f"{number}_huge.csv": HUGE(rng) for number in range(4)}
    home, report, longest = staged(tmp_path, files)
    check(home, report, files)
    assert longest < SECONDS


def test_the_same_seed_gives_the_same_files() -> None:
    assert dict(malformed(5, 20)) == dict(malformed(5, 20))
