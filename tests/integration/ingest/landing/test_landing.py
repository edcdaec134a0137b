"""Landing: all of a batch or nothing after any kill; rejected batches stay rejected; no identifier in the views."""

from __future__ import annotations

import errno
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import IO

import duckdb
import pytest

from pipelines.ingest import landing
from pipelines.ingest.batches import read_batch, staged
from pipelines.ingest.contract import ENTITIES, LINEAGE
from pipelines.ingest.errors import FileRefused, IngestError
from pipelines.ingest.landing import commits, manifests
from pipelines.ingest.landing.balance import unbalanced
from pipelines.ingest.mapping.source_mapping import FileMapping
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.snapshot import Snapshots
from pipelines.ingest.stage import stage_sources
from tests.ingest_home import NOW, IngestHome, counts

HEADER = "id,customer,day,price\n"
TWO = HEADER + "1,A,2025-01-01,10\n2,B,2025-01-02,20\n"
COUNT = "SELECT count(*) FROM landing.transactions"


class Killed(BaseException):
    """Simulates the end of the process."""


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping()
    home.raw(TWO)
    return home


def test_a_kill_between_rows_and_manifest_leaves_readers_what_they_had(
    home: IngestHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.load()
    home.raw(HEADER + "3,C,2025-01-03,30\n", "more.csv")
    (batch,) = [report.batch for report in home.stage(NOW + timedelta(days=1))]

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(commits, "write_atomically", killed)
        with pytest.raises(Killed):
            landing.commit(home.settings, [batch])
    assert (home.settings.landing / "data" / batch.batch).is_dir(), "the rows had moved already"
    assert home.query(COUNT) == [(2,)]
    landing.commit(home.settings, [batch])
    assert home.query(COUNT) == [(3,)]


def test_a_run_after_a_kill_stages_again_and_replaces_what_was_left(
    home: IngestHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    (batch,) = [report.batch for report in home.stage()]
    monkeypatch.setattr(commits, "write_atomically", lambda *_: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        landing.commit(home.settings, [batch])
    monkeypatch.undo()
    (report,) = home.load(NOW + timedelta(hours=1))
    assert report.batch.batch == batch.batch
    assert home.query(
        "SELECT count(*), min(ingested_at) = TIMESTAMP '2026-01-15 04:00:00' FROM landing.transactions"
    ) == [(2, True)]


def test_committing_twice_is_committing_once(home: IngestHome) -> None:
    (report,) = home.stage()
    first = landing.commit(home.settings, [report.batch])
    assert landing.commit(home.settings, [report.batch]) == first
    assert (home.query(COUNT), staged(home.settings)) == ([(2,)], [])


def test_staging_is_the_same_for_the_same_input(home: IngestHome) -> None:
    (first,), (second,) = home.stage(), home.stage()
    assert first.batch == second.batch
    assert staged(home.settings) == [second.batch]


def test_a_rejected_batch_is_not_read_and_its_files_are_refused_until_they_change(home: IngestHome) -> None:
    home.raw(HEADER + "3,C,2025-01-03,30\n", "more.csv")
    (report,) = home.load()
    landing.reject(home.settings, report.batch.batch, "last year again")
    assert home.query(COUNT) == [(0,)]
    (again,) = home.load(NOW + timedelta(days=1))
    assert (again.batch, len(again.problems)) == (None, 2)
    assert f"rejected with batch {report.batch.batch}: last year again" in again.problems[0]
    home.raw(HEADER + "9,Z,2025-01-09,9\n", "new.csv")
    assert counts(home.load(NOW + timedelta(days=2))[0]) == (1, 1, 0, 0), "new files beside them go on"
    home.raw(HEADER + "3,C,2025-01-03,31\n", "more.csv")
    (mended,) = home.load(NOW + timedelta(days=3))
    assert (mended.problems, counts(mended)) == ([], (4, 3, 0, 1))
    (note,) = mended.notes
    assert note.startswith(f"sales.csv was rejected with batch {report.batch.batch}: last year again; it is read again")
    assert home.query(COUNT) == [(4,)]


def test_a_staged_batch_can_be_rejected_and_then_not_committed(home: IngestHome) -> None:
    (report,) = home.stage()
    landing.reject(home.settings, report.batch.batch, "poisoned")
    assert staged(home.settings) == []
    with pytest.raises(IngestError, match="was rejected"):
        landing.commit(home.settings, [report.batch])


def test_an_unknown_batch_names_the_known_ones(home: IngestHome) -> None:
    (report,) = home.load()
    with pytest.raises(IngestError, match=f"found 'shop-none'; there are: {report.batch.batch}"):
        landing.reject(home.settings, "shop-none", "why")


def test_parquet_has_just_the_columns_of_the_contract_in_order(home: IngestHome) -> None:
    home.load()
    (path,) = home.settings.landing.glob("data/*/transactions.parquet")
    described = home.query(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{path}')")
    fields = [*LINEAGE, *ENTITIES["transactions"].fields]
    expected = [(field.name, field.sql_type.replace(", ", ",")) for field in fields]
    assert described == [*expected, ("extra", "VARCHAR")]


def test_views_hold_no_direct_identifier_and_have_types_without_rows(home: IngestHome) -> None:
    home.load()
    columns = home.query(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'landing'"
    )
    restricted = {field.name for entity in ENTITIES.values() for field in entity.fields if field.restricted}
    assert {name for table, name in columns if table in ENTITIES} & (restricted | {"extra"}) == set()
    assert home.query("SELECT count(*) FROM landing.leads WHERE created_at > TIMESTAMP '2020-01-01'") == [(0,)]
    assert home.query("SELECT * FROM landing.sources") == [("shop", False, True, True)]


def test_contacts_are_given_to_identity_alone(home: IngestHome) -> None:
    leads = "source: crm\nroot: ../raw/crm\ntimezone: UTC\nfiles:\n  - path: leads.csv\n    entities:\n      leads: "
    home.mapping(leads + "{lead_id: id, created_at: day, phone: phone}\n", "crm")
    home.raw("id,day,phone\nL1,2025-01-01,138 0000 1111\n", "leads.csv", "crm")
    home.load()
    with duckdb.connect() as connection:
        landing.register(connection, home.settings)
        query = landing.restricted_contacts(home.settings)
        (row,) = connection.sql(query).df().to_dict("records")
    assert (row["row_key"], row["phone"], row["email"]) == ("crm:L1", "138 0000 1111", None)
    manifests = [path.read_text() for path in home.settings.landing.glob("batches/*.json")]
    assert all("1111" not in json.dumps(text) for text in manifests)


def test_a_file_that_changes_while_it_is_read_is_refused_and_read_by_the_next_run(home: IngestHome) -> None:
    """A writer that truncates a file and writes the same bytes again: half of them would be remembered as all."""

    def truncate(said: str) -> None:
        if said == "shop: sales.csv":
            home.raw(TWO[: TWO.index("2,B")])

    (report,) = stage_sources(home.settings, NOW, truncate)
    assert "sales.csv: the file changed while it was read" in report.problems[0]
    assert report.batch is None
    home.raw(TWO)
    assert counts(home.load(NOW + timedelta(days=1))[0]) == (2, 2, 0, 0)


def test_a_full_disk_is_no_fault_of_a_file(home: IngestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is refused is passed over with a warning; the run must try again, and fail."""
    opened = Path.open

    def full(path: Path, mode: str = "r", *rest: object, **options: object) -> IO:
        if mode == "wb" and path.parent.name == "read":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return opened(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"):
        home.load()


def test_what_a_writer_does_after_the_copy_reaches_neither_rows_nor_quarantine(
    home: IngestHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.raw(TWO + "x,C,never,30\n" + "".join(f"{one},D,2025-01-01,1\n" for one in range(50, 80)))
    copied = Snapshots.of

    def then_rewritten(self: Snapshots, file: SourceFile) -> SourceFile:
        copy = copied(self, file)
        home.raw(HEADER + "9,Z,2025-01-09,9\n")
        return copy

    monkeypatch.setattr(Snapshots, "of", then_rewritten)
    home.load()
    assert home.query(COUNT) == [(32,)]
    assert [row[5] for row in home.quarantine()] == ["x,C,never,30"]
    monkeypatch.undo()
    assert counts(home.load(NOW + timedelta(days=1))[0]) == (1, 1, 0, 0), "the new bytes are another file"


@pytest.mark.parametrize("which", [0, 1])
def test_a_growing_file_keeps_its_rows_when_one_of_its_batches_is_rejected(home: IngestHome, which: int) -> None:
    (first,) = home.load()
    path = home.raw(TWO + "3,C,2025-01-03,30\n")
    (second,) = home.load(NOW + timedelta(days=1))
    path.unlink()
    home.raw(HEADER + "9,Z,2025-01-09,9\n", "other.csv")
    again = landing.reject(home.settings, (first, second)[which].batch.batch, "wrong")
    assert [one.batch for one in again] == [second.batch.batch][which:]
    rows = "SELECT row_key FROM landing.transactions ORDER BY 1"
    assert len(home.query(rows)) == 3 - which, "at once, though the file is gone"
    home.load(NOW + timedelta(days=2))
    assert len(home.query(rows)) == 4 - which
    assert unbalanced(home.settings) == []


def test_a_daily_full_export_counts_once_after_its_first_batch_is_rejected(home: IngestHome) -> None:
    batches = [home.load()[0].batch]
    for day in range(1, 6):
        home.raw(TWO + "".join(f"{one},C,2025-01-03,30\n" for one in range(3, 3 + day)))
        batches.append(home.load(NOW + timedelta(days=day))[0].batch)
    versions = "SELECT row_key, min(batch_seq), count(*) FROM landing.transactions GROUP BY 1 ORDER BY 1"
    for gone, of_old_rows in ((0, 2), (1, 3)):
        landing.reject(home.settings, batches[gone].batch, "wrong")
        assert home.query(versions) == [
            ("shop:1", of_old_rows, 1), ("shop:2", of_old_rows, 1), ("shop:3", max(of_old_rows, 2), 1),
            ("shop:4", 3, 1), ("shop:5", 4, 1), ("shop:6", 5, 1), ("shop:7", 6, 1),
        ]  # fmt: skip


def test_rows_that_are_missing_in_landing_are_reported(home: IngestHome) -> None:
    (first,) = home.load()
    home.raw(TWO, "again.csv")
    home.load(NOW + timedelta(days=1))
    landing.reject(home.settings, first.batch.batch, "wrong")
    (home.settings.landing / "data" / first.batch.batch / "transactions.parquet").unlink()
    assert "transactions.parquet is missing" in "; ".join(unbalanced(home.settings))


def test_a_workbook_is_checked_as_it_was_copied(home: IngestHome, tmp_path: Path) -> None:
    path = home.raw(b"PK no workbook", "a#b.xlsx")
    mapping = FileMapping(path="*.xlsx", entities=(), line=1, format="xlsx")
    file = SourceFile("a#b.xlsx#One", path, mapping, hashlib.sha256(path.read_bytes()).hexdigest(), "", "One")
    with pytest.raises(FileRefused, match=r"^a#b\.xlsx: expected an xlsx workbook"):
        Snapshots(tmp_path / "read").of(file)


def test_a_manifest_is_read_once_for_many_questions(home: IngestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    home.load()
    read: list[Path] = []
    monkeypatch.setattr(manifests, "read_batch", lambda path: read.append(path) or read_batch(path))
    for day in (1, 2):
        home.raw(TWO + f"{day + 2},C,2025-01-03,30\n")
        home.load(NOW + timedelta(days=day))
        assert unbalanced(home.settings) == []
    assert len(home.query("SELECT DISTINCT batch FROM landing.transactions")) == len(read) == 3
