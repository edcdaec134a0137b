"""Rows that do not fit into the memory: no day is graded without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.ingest.errors import IngestError
from tests.ingest_home import IngestHome


def test_too_little_memory_stops_the_run_and_names_source_and_setting(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path, memory_limit="20MB")
    home.mapping()
    home.raw("id,customer,day,price\n" + "".join(f"T{n:06},L{n},2026-01-01,1\n" for n in range(60_000)))
    with pytest.raises(IngestError, match=r"^shop: DuckDB needs more memory than its limit of 19\.0 MiB: raise TIER"):
        home.load()
    assert list(home.settings.staged.iterdir()) == []
    enough = IngestHome.at(tmp_path)
    (report,) = enough.load()
    assert report.problems == [] and enough.query("SELECT count(*) FROM landing.transactions") == [(60_000,)]
