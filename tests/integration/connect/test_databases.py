"""Tables of a real PostgreSQL that the test starts, and of SQLite as a second dialect."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pytest

from pipelines.connect.databases import DatabaseReader
from pipelines.connect.errors import ConnectError
from pipelines.connect.pull import TableReport, pull
from tests.ingest_home import NOW, IngestHome, counts
from tests.integration.connect.servers import write_connection
from tests.postgres import ADMIN, PASSWORD, Server, running_server

CONNECTION = """\
kind: database
url: postgresql://postgres@/{database}?host={folder}
password: {{env: CRM_DB_PASSWORD}}
tables:
  leads:
    table: sales.lead
    key: id
    cursor: updated_at
    overlap: 1h
    without: [notes]
"""

MAPPING = """\
source: crm
root: ../pulled/crm
timezone: Asia/Shanghai
history: {known_at: {expr: "CASE WHEN _deleted = 'true' THEN _pulled_at ELSE updated_at END"}}
files:
  - path: leads/*.parquet
    entities:
      leads:
        lead_id: id
        created_at: created_at
        updated_at: updated_at
        full_name: name
        budget_max: budget
        status: {expr: "CASE WHEN _deleted = 'true' THEN 'invalid' ELSE status END"}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


class Crm:
    """A database of the server with a table of 40 leads, and a home with a connection to it."""

    def __init__(self, server: Server, folder: Path) -> None:
        name = f"crm_{abs(hash(folder))}"
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        self.session = psycopg.connect(server.url(name), autocommit=True)
        self.home = IngestHome.at(folder)
        self.settings = self.home.settings
        write_connection(self.settings.connections_dir, CONNECTION.format(database=name, folder=server.folder))
        self.do(
            """
            CREATE SCHEMA sales;
            CREATE TABLE sales.lead (
                id integer PRIMARY KEY, name text, budget numeric(18, 4), status text, notes text,
                created_at timestamp, updated_at timestamptz
            );
            INSERT INTO sales.lead
            SELECT i, 'Lead ' || i, i * 10000.25, 'open', 'private', timestamp '2025-03-07 10:00',
                   timestamptz '2025-03-07 12:00+08' + i * interval '1 hour'
            FROM generate_series(1, 40) AS i"""
        )

    def do(self, sql: str) -> None:
        self.session.execute(sql)

    def pull(self, **options: bool) -> TableReport:
        (report,) = pull(self.settings, "crm", **options)
        return report

    def rows(self) -> list[tuple]:
        files = str(self.settings.pulled / "crm/leads/*.parquet")
        sql = f"SELECT id, name, _deleted FROM read_parquet('{files}', filename = true) ORDER BY filename, id"
        return duckdb.sql(sql).fetchall()


@pytest.fixture
def crm(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    monkeypatch.setenv("CRM_DB_PASSWORD", PASSWORD.replace("%40", "@"))
    crm = Crm(server, tmp_path)
    yield crm
    crm.session.close()


def test_second_pull_lands_only_changes(crm: Crm) -> None:
    """New, corrected, late and deleted rows reach landing through an ordinary mapping; all other rows do not."""
    assert crm.pull().changed == 40
    crm.home.mapping(MAPPING, "crm")
    (report,) = crm.home.load()
    assert counts(report) == (40, 40, 0, 0)
    columns = duckdb.sql(f"DESCRIBE FROM '{crm.settings.pulled}/crm/leads/000001.parquet'").fetchall()
    assert "notes" not in {column[0] for column in columns}

    crm.do("UPDATE sales.lead SET name = 'Corrected', updated_at = '2025-03-20' WHERE id = 5")
    crm.do("UPDATE sales.lead SET name = 'Within the overlap' WHERE id = 40")
    crm.do("INSERT INTO sales.lead VALUES (41, 'Late', 1, 'open', '', '2025-03-07', '2025-03-07 13:30+08')")
    crm.do("DELETE FROM sales.lead WHERE id = 3")
    report = crm.pull()
    assert (report.changed, report.deleted, report.notes) == (3, 1, ())
    news = [(3, "Lead 3", True), (5, "Corrected", False), (40, "Within the overlap", False), (41, "Late", False)]
    assert crm.rows()[40:] == news
    assert crm.pull().file is None

    (report,) = crm.home.load(NOW.replace(hour=5))
    assert counts(report) == (44, 4, 0, 40)
    found = crm.home.query(
        "SELECT status, count(*) FROM (SELECT lead_id, arg_max(status, batch_seq) AS status FROM landing.leads "
        "GROUP BY 1) GROUP BY 1 ORDER BY 1"
    )
    assert found == [("invalid", 1), ("open", 40)]
    assert crm.home.query("SELECT created_at, budget_max FROM landing.leads WHERE row_key = 'crm:41'") != []


def test_a_deleted_row_comes_back(crm: Crm) -> None:
    crm.pull()
    crm.do("DELETE FROM sales.lead WHERE id = 3")
    crm.pull()
    crm.do("INSERT INTO sales.lead VALUES (3, 'Again', 1, 'open', '', '2025-03-07', '2025-03-07 13:30+08')")
    assert (crm.pull().changed, crm.rows()[-1]) == (1, (3, "Again", False))


def test_many_deletions_need_a_word(crm: Crm) -> None:
    crm.pull()
    crm.do("DELETE FROM sales.lead WHERE id > 10")
    with pytest.raises(ConnectError, match=r"tables.leads: 30 of 40 known rows are gone there.*--accept-deletions"):
        crm.pull()
    assert len(crm.rows()) == 40
    assert crm.pull(accept_deletions=True).deleted == 30


def test_cursor_goes_backward(crm: Crm) -> None:
    crm.pull()
    crm.do("UPDATE sales.lead SET name = 'Older', updated_at = '2024-01-01' WHERE id = 7")
    report = crm.pull()
    assert report.changed == 1
    assert "cursor updated_at of 1 rows went backward" in report.notes[0]
    assert crm.rows()[-1] == (7, "Older", False)


def test_columns_disappear_and_appear(crm: Crm) -> None:
    crm.pull()
    crm.do("ALTER TABLE sales.lead DROP COLUMN name, ADD COLUMN phone text")
    with pytest.raises(ConnectError, match=r"^crm.yml, line 5, tables.leads: column 'name' of earlier pulls is gone"):
        crm.pull()
    assert len(crm.rows()) == 40
    file = crm.settings.connections_dir / "crm.yml"
    file.write_text(file.read_text().replace("[notes]", "[notes, name]"))
    crm.do("UPDATE sales.lead SET phone = '5550100' WHERE id = 1")
    assert crm.pull().changed == 0  # behind the cursor, and the cursor did not move
    assert crm.pull(full=True).changed == 1
    crm.do("ALTER TABLE sales.lead DROP COLUMN updated_at")
    with pytest.raises(ConnectError, match="expected a column 'updated_at'"):
        crm.pull()


def test_wrong_password(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_DB_PASSWORD", "Wr0ng-secret")
    with pytest.raises(ConnectError, match=f'password authentication failed for user "{ADMIN}"') as raised:
        crm.pull()
    assert "\n" not in str(raised.value)
    assert "Wr0ng-secret" not in str(raised.value)
    monkeypatch.delenv("CRM_DB_PASSWORD")
    with pytest.raises(ConnectError, match=r"crm.yml, line 3, password: .* CRM_DB_PASSWORD, found nothing"):
        crm.pull()


def test_server_ends_the_session_in_mid_pull(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends the session after the first chunk. What was committed stays; the next pull has all."""
    crm.pull()
    crm.do("UPDATE sales.lead SET name = 'New', updated_at = updated_at + interval '1 year'")
    monkeypatch.setattr("pipelines.connect.databases.CHUNK_ROWS", 10)
    changed = DatabaseReader.changed

    def ended(reader: DatabaseReader, *arguments: object) -> Iterator[object]:
        for number, part in enumerate(changed(reader, *arguments)):
            yield part
            if number == 0:
                crm.do(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )

    with monkeypatch.context() as patch:
        patch.setattr(DatabaseReader, "changed", ended)
        with pytest.raises(ConnectError, match="the database refuses"):
            crm.pull()
    assert len(crm.rows()) == 40
    assert crm.pull().changed == 40
    assert len(crm.rows()) == 80


def test_sqlite_with_a_composite_key(tmp_path: Path) -> None:
    """A second dialect, with a key of two columns, a number as cursor, and a table that is read whole."""
    home = IngestHome.at(tmp_path / "home")
    database = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    database.execute("CREATE TABLE deal (office TEXT, no INTEGER, amount NUMERIC, version INTEGER)")
    database.executemany("INSERT INTO deal VALUES (?, ?, ?, ?)", [(f"o{i % 3}", i, i * 1.5, i) for i in range(30)])
    write_connection(
        home.settings.connections_dir,
        f"kind: database\nurl: sqlite:///{tmp_path}/crm.db\ntables:\n"
        "  deals: {table: deal, key: [office, no], cursor: version, overlap: 2}\n"
        "  whole: {table: deal, key: [office, no]}\n",
    )
    assert [report.changed for report in pull(home.settings, "crm")] == [30, 30]
    database.execute("DELETE FROM deal WHERE no = 4")
    database.execute("UPDATE deal SET amount = 7, version = 31 WHERE no = 5")
    database.execute("INSERT INTO deal VALUES ('o1', 99, 1, 3)")
    assert [(report.changed, report.deleted) for report in pull(home.settings, "crm")] == [(2, 1), (2, 1)]
    assert [report.file for report in pull(home.settings, "crm")] == [None, None]
    database.close()
