"""Lines = accepted + quarantined + known, per file and entity, and each line is in just one of them."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.assets import quarantined
from tests.ingest_home import NOW, SALES, UNKEYED, IngestHome

IMPLIED = "      leads: {implied: true, lead_id: customer, created_at: day}\n"

CELL = {
    "id": st.sampled_from(["1", "2", "3", "4", "5", "", " 6 "]),
    "customer": st.sampled_from(["A", "B", " C", "", '"D\nD"']),
    "day": st.sampled_from(["2025-01-01", "2025-01-02 10:00:00", "31-02-2025", "", "2025-01-03T00:00:00Z"]),
    "price": st.sampled_from(["10", "10.5", "-1", "", "ten", "2000000"]),
}
LINE = st.one_of(
    st.tuples(*CELL.values()).map(",".join),
    st.sampled_from(["", "1,A", "1,A,2025-01-01,10,extra", "\udcff,A,2025-01-01,10"]),
)
FILE = st.lists(LINE, min_size=1, max_size=12)


def as_bytes(lines: list[str]) -> bytes:
    # One good row keeps the file from being refused as a whole.
    text = "\n".join(["id,customer,day,price", "0,Z,2025-01-01,1", *lines]) + "\n"
    return text.encode("utf-8", "surrogateescape")


def records_of(lines: list[str]) -> int:
    return 1 + sum(bool(line.replace(",", "").strip()) for line in lines)


@settings(max_examples=25, deadline=None)
@given(first=FILE, second=FILE, mapping=st.sampled_from([SALES + IMPLIED, UNKEYED + IMPLIED]))
def test_every_line_is_accounted_for_exactly_once(first: list[str], second: list[str], mapping: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = IngestHome.at(Path(folder))
        home.mapping(mapping)
        home.raw(as_bytes(first), "a.csv")
        _check(home, {"a.csv": first})
        home.raw(as_bytes(second), "b.csv")
        _check(home, {"a.csv": first, "b.csv": second}, later=1)


def test_a_line_that_fills_two_entities_is_two_quarantined_rows_of_one_line(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    home.mapping(SALES.replace("currency: CNY", "currency: CNY\nquarantine_bar: 0.1") + IMPLIED)
    home.raw(as_bytes(["1,A,2025-01-01,10,extra", "2,B,2025-01-01,10"]))
    (report,) = home.load()
    assert (report.batch.quarantined, report.batch.quarantined_lines) == (2, 1)
    assert quarantined([report.batch])[0] == f"{report.batch.batch}: 2 rows of 1 lines"


def _check(home: IngestHome, files: dict[str, list[str]], later: int = 0) -> None:
    (report,) = home.load(NOW + timedelta(days=later))
    assert report.problems == []
    assert {(row.file, row.entity) for row in report.files} == {
        (f, e) for f in files for e in ("transactions", "leads")
    }
    for row in report.files:
        assert row.lines == row.accepted + row.quarantined + row.known == records_of(files[row.file]), row
    if report.batch is None:
        return
    accepted = home.query(
        "SELECT file, 'transactions', line FROM landing.transactions JOIN landing.batches USING (batch) "
        f"WHERE batch = '{report.batch.batch}' UNION ALL "
        f"SELECT file, 'leads', line FROM landing.leads WHERE batch = '{report.batch.batch}'"
    )
    path = home.settings.quarantine / f"{report.batch.batch}.parquet"
    aside = duckdb.sql(f"SELECT file, entity, line FROM '{path}'").fetchall() if path.exists() else []
    assert len({*accepted, *aside}) == len(accepted) + len(aside), "no line is in two places"
    for row in report.batch.reports:
        key = (row.file, row.entity)
        assert sum(one[:2] == key for one in accepted) == row.accepted
        assert sum(one[:2] == key for one in aside) == row.quarantined
