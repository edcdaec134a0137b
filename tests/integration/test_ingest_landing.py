"""Landing: all of a batch or nothing, whatever is killed; what is set aside stays aside; no identifier in the views."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest import landing
from pipelines.ingest.batches import staged
from pipelines.ingest.contract import ENTITIES, LINEAGE
from pipelines.ingest.errors import IngestError
from tests.integration.ingest_home import NOW, IngestHome, counts

HEADER = "id,customer,day,price\n"
TWO = HEADER + "1,A,2025-01-01,10\n2,B,2025-01-02,20\n"
COUNT = "SELECT count(*) FROM landing.transactions"


class Killed(BaseException):
    """Stands for the end of the process."""


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
        patched.setattr(landing, "write_atomically", killed)
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
    monkeypatch.setattr(landing, "write_atomically", lambda *_: (_ for _ in ()).throw(Killed()))
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


def test_a_set_aside_batch_is_not_read_and_its_files_are_refused_until_they_change(home: IngestHome) -> None:
    home.raw(HEADER + "3,C,2025-01-03,30\n", "more.csv")
    (report,) = home.load()
    landing.reject(home.settings, report.batch.batch, "last year again")
    assert home.query(COUNT) == [(0,)]
    (again,) = home.load(NOW + timedelta(days=1))
    assert (again.batch, len(again.problems)) == (None, 2)
    assert f"set aside with batch {report.batch.batch}: last year again" in again.problems[0]
    home.raw(HEADER + "9,Z,2025-01-09,9\n", "new.csv")
    assert counts(home.load(NOW + timedelta(days=2))[0]) == (1, 1, 0, 0), "new files beside them go on"
    home.raw(HEADER + "3,C,2025-01-03,31\n", "more.csv")
    (mended,) = home.load(NOW + timedelta(days=3))
    assert (mended.problems, counts(mended)) == ([], (4, 3, 0, 1))
    assert home.query(COUNT) == [(4,)]


def test_a_staged_batch_can_be_set_aside_and_then_not_committed(home: IngestHome) -> None:
    (report,) = home.stage()
    landing.reject(home.settings, report.batch.batch, "poisoned")
    assert staged(home.settings) == []
    with pytest.raises(IngestError, match="was set aside"):
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
    assert home.query("SELECT * FROM landing.sources") == [("shop", False, True)]


def test_contacts_are_given_to_identity_alone(home: IngestHome) -> None:
    leads = "source: crm\nroot: ../raw/crm\ntimezone: UTC\nfiles:\n  - path: leads.csv\n    entities:\n      leads: "
    home.mapping(leads + "{lead_id: id, created_at: day, phone: phone}\n", "crm")
    home.raw("id,day,phone\nL1,2025-01-01,138 0000 1111\n", "leads.csv", "crm")
    home.load()
    with duckdb.connect() as connection:
        landing.register(connection, home.settings)
        (row,) = landing.restricted_contacts(connection, home.settings).df().to_dict("records")
    assert (row["row_key"], row["phone"], row["email"]) == ("crm:L1", "138 0000 1111", None)
    manifests = [path.read_text() for path in home.settings.landing.glob("batches/*.json")]
    assert all("1111" not in json.dumps(text) for text in manifests)
