"""PostgreSQL has the published tables whole: rows, types, comments, keys, rights; and keeps them when a load breaks."""

from __future__ import annotations

import json
import math
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from pipelines.doctor import configuration
from pipelines.home.settings import Settings
from pipelines.publish.contracts import contracts
from pipelines.publish.postgres import live
from pipelines.publish.postgres.assets import postgres_assets
from pipelines.publish.postgres.connection import PostgresError, database
from pipelines.publish.postgres.erase import erase_customers
from pipelines.publish.postgres.live import live_in_postgres, loaded_schemas, switch_views
from pipelines.publish.postgres.load import load_version
from pipelines.publish.postgres.publish import publish
from pipelines.publish.switch import live_version, prune, switch, version_date
from pipelines.publish.tables import published_tables
from pipelines.publish.version import build_version
from tests.e2e.conftest import Demo
from tests.home import copy_home, tierhouse
from tests.postgres import PASSWORD, NoServer, Server, publish_files, running_server
from tests.readers import TABLES

FIRST, SECOND = "2026-06-30-1f0c2a9b", "2026-07-01-2e1d3c4b"
READERS = Path(__file__).parents[2] / "readers.py"
NAMES = {"text": "VARCHAR", "double precision": "DOUBLE", "timestamp without time zone": "TIMESTAMP"}
"""Names of PostgreSQL → DuckDB where they differ by more than the case."""


def ignore(_: str) -> None:
    pass


@pytest.fixture(scope="session")
def server() -> Generator[Server]:
    try:
        with running_server() as server:
            yield server
    except NoServer as error:
        pytest.skip(f"no PostgreSQL server runs here: {error}")


@pytest.fixture
def url(server: Server, request: pytest.FixtureRequest) -> str:
    """A new, empty database."""
    name = f"d{abs(hash(request.node.name))}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.url(name)


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two small versions of few tables; the first is live. Read only: see `small`."""
    home = tmp_path_factory.mktemp("postgres")
    for version in (SECOND, FIRST):
        publish_files(home, version, tables=TABLES)
    return home


@pytest.fixture
def small(two_versions: Path, url: str) -> Generator[Settings]:
    yield Settings(home=two_versions, postgres_url=url)
    switch(two_versions / "published", FIRST)


def _with_url(settings: Settings, url: str) -> Settings:
    return Settings(home=settings.home, postgres_url=url)


@contextmanager
def session(url: str, **options: Any) -> Generator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True, **options) as connection:
        yield connection


def values(url: str, query: str) -> list[Any]:
    with session(url) as connection:
        return [row[0] for row in connection.execute(query.encode()).fetchall()]


def shown_day(url: str) -> str:
    return str(values(url, "SELECT DISTINCT as_of FROM tierhouse.customer_grades")[0])


def _comparable(rows: list[tuple]) -> list[tuple]:
    """Rows in an order of their own, with NaN as a text: it is not equal to itself."""
    plain = [tuple("NaN" if isinstance(cell, float) and math.isnan(cell) else cell for cell in row) for row in rows]
    return sorted(plain, key=lambda row: [(cell is None, str(cell)) for cell in row])


def _assert_equal(url: str, file: Path) -> None:
    """Every table has the same columns, types and rows in PostgreSQL and in the DuckDB file."""
    with duckdb.connect(str(file), read_only=True) as source, session(url) as target:
        tables = [row[0] for row in source.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        for table in tables:
            expected = [(row[0], row[1]) for row in source.execute(f"DESCRIBE {table}").fetchall()]
            found = target.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
                [f"tierhouse.{table}"],
            ).fetchall()
            names = [(name, NAMES.get(kind, kind.upper().replace("NUMERIC", "DECIMAL"))) for name, kind in found]
            assert names == expected, table
            rows = target.execute(f"SELECT * FROM tierhouse.{table}".encode()).fetchall()
            assert _comparable(rows) == _comparable(source.execute(f"FROM {table}").fetchall()), table
        views = target.execute("SELECT viewname FROM pg_views WHERE schemaname = 'tierhouse'").fetchall()
        assert sorted(row[0] for row in views) == sorted(tables)


def test_every_table_of_the_demo_is_equal_row_by_row(demo: Demo, url: str) -> None:
    file = demo.home / "published" / "current" / "tierhouse.duckdb"
    done = publish(Settings(home=demo.home, postgres_url=url), ignore)
    _assert_equal(url, file)
    assert list(done.rows) == list(published_tables())
    with duckdb.connect(str(file), read_only=True) as source, session(url) as target:
        comments = source.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
        for table, column, comment in comments:
            found = target.execute(
                "SELECT col_description(attrelid, attnum) FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attname = %s",
                [f"tierhouse.{table}", column],
            ).fetchall()
            assert found == [(comment,)], f"{table}.{column}"
        for table, comment in source.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall():
            assert target.execute("SELECT obj_description(%s::regclass)", [f"tierhouse.{table}"]).fetchall() == [
                (comment,)
            ]


def test_labels_sort_by_their_ranks_as_the_rules_order_them(demo: Demo) -> None:
    orders = {
        "warning_level": ["none", "low", "middle", "high", "urgent"],
        "intent": ["low", "middle", "high"],
        "purchasing_power": ["low", "middle", "high"],
        "loyalty": ["unknown", "at_risk", "ordinary", "loyal"],
        "lifecycle_stage": ["not_available", "new", "in_contact", "returning", "completed", "dormant", "lost"],
    }
    with duckdb.connect(str(demo.home / "published" / "current" / "tierhouse.duckdb"), read_only=True) as source:
        for label, order in orders.items():
            found = source.execute(
                f"SELECT DISTINCT {label}, {label}_rank FROM customer_grades WHERE {label} IS NOT NULL "
                f"ORDER BY {label}_rank"
            ).fetchall()
            codes = [code for code, _ in found]
            assert codes == [code for code in order if code in codes]
            assert len(codes) == len({rank for _, rank in found}) > 1
            unranked = f"SELECT count(*) FROM customer_grades WHERE ({label} IS NULL) != ({label}_rank IS NULL)"
            assert source.execute(unranked).fetchall() == [(0,)]


def test_odd_values_keys_and_indexes_arrive(tmp_path: Path, url: str) -> None:
    file = publish_files(tmp_path, FIRST)
    publish(Settings(home=tmp_path, postgres_url=url), ignore)
    _assert_equal(url, file)
    with session(url) as target:
        for table, contract in contracts().items():
            columns = target.execute(
                "SELECT array_agg(attname::text ORDER BY place.at), constraints.contype = 'p' "
                "FROM pg_constraint AS constraints, unnest(conkey) WITH ORDINALITY AS place(attnum, at) "
                "JOIN pg_attribute ON pg_attribute.attnum = place.attnum "
                "WHERE conrelid = %s::regclass AND attrelid = conrelid AND contype IN ('p', 'u') "
                "GROUP BY constraints.oid ORDER BY 2 DESC",
                [f"tierhouse_2026_06_30_1f0c2a9b.{table}"],
            ).fetchall()
            assert columns == [(list(contract.key), True), *((list(key), False) for key in contract.unique)], table
            leading = target.execute(
                "SELECT pg_get_indexdef(indexrelid, 1, true) FROM pg_index WHERE indrelid = %s::regclass",
                [f"tierhouse_2026_06_30_1f0c2a9b.{table}"],
            ).fetchall()
            wanted = {"customer_id", "agent_id", "grade"} & set(contract.comments)
            assert wanted <= {row[0] for row in leading}, table
        statistics = target.execute(
            "SELECT count(*) FROM pg_class WHERE reltuples > 0 AND relkind = 'r' "
            "AND relnamespace = 'tierhouse_2026_06_30_1f0c2a9b'::regnamespace"
        ).fetchall()
    assert statistics == [(len(contracts()),)]


def test_a_reader_reads_the_next_version_without_new_rights_and_cannot_write(small: Settings, url: str) -> None:
    publish(small, ignore)
    with session(url) as admin:
        admin.execute("DROP ROLE IF EXISTS analyst")
        admin.execute("CREATE ROLE analyst LOGIN PASSWORD 'read' IN ROLE tierhouse_reader")
        admin.execute("CREATE VIEW public.best AS SELECT * FROM tierhouse.customer_grades WHERE grade = 'A'")
    with session(url, user="analyst", password="read") as analyst:
        assert analyst.execute("SELECT DISTINCT as_of::text FROM tierhouse.grade_reasons").fetchall() == [
            ("2026-06-30",)
        ]
        switch(small.published, SECOND)
        publish(small, ignore)
        assert analyst.execute("SELECT DISTINCT as_of::text FROM tierhouse.grade_reasons").fetchall() == [
            ("2026-07-01",)
        ]
        for statement in (
            "DELETE FROM tierhouse.customer_grades",
            "INSERT INTO tierhouse.customer_grades (customer_id) VALUES ('x')",
            "UPDATE tierhouse.customer_grades SET grade = 'A'",
            "DROP VIEW tierhouse.customer_grades",
            "CREATE TABLE tierhouse.mine (a integer)",
            "SELECT * FROM tierhouse_2026_07_01_2e1d3c4b.customer_grades",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                analyst.execute(statement.encode())
    assert values(url, "SELECT DISTINCT as_of::text FROM public.best") in ([], ["2026-07-01"])


def test_a_user_who_may_not_create_roles_or_schemas_gets_the_sql_for_an_administrator(
    small: Settings, server: Server, url: str
) -> None:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with session(url) as admin:
        admin.execute("CREATE ROLE writer LOGIN PASSWORD 'write'")
        if values(url, "SELECT 1 FROM pg_roles WHERE rolname = 'tierhouse_reader'"):  # roles are of the whole server
            admin.execute("ALTER ROLE tierhouse_reader RENAME TO earlier_reader")
        settings = _with_url(small, server.url(name, "writer", "write"))
        with pytest.raises(PostgresError, match=f'GRANT CREATE ON DATABASE "{name}" TO "writer"'):
            publish(settings, ignore)
        admin.execute(f"GRANT CREATE ON DATABASE {name} TO writer".encode())
        assert ["`CREATE ROLE tierhouse_reader NOLOGIN`" in note for note in publish(settings, ignore).notes] == [True]
        admin.execute("CREATE ROLE tierhouse_reader NOLOGIN")
        assert publish(settings, ignore).notes == ()
    rights = "SELECT has_table_privilege('tierhouse_reader', 'tierhouse.customer_grades', 'SELECT')"
    assert values(url, rights) == [True]


def test_a_version_is_dropped_with_its_files_unless_somebody_uses_it(small: Settings, url: str) -> None:
    for version in (FIRST, SECOND):
        switch(small.published, version)
        publish(small, ignore)
    with session(url) as admin:
        admin.execute("CREATE VIEW public.pinned AS SELECT grade FROM tierhouse_2026_06_30_1f0c2a9b.customer_grades")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.publish.postgres.publish.version_ids", lambda _: [SECOND])
            notes = publish(small, ignore).notes
            assert len(notes) == 1 and "view pinned depends on" in notes[0]
            assert loaded_schemas(admin) == ["tierhouse_2026_06_30_1f0c2a9b", "tierhouse_2026_07_01_2e1d3c4b"]
            admin.execute("DROP VIEW public.pinned")
            assert publish(small, ignore).notes == ()
        assert loaded_schemas(admin) == ["tierhouse_2026_07_01_2e1d3c4b"]


def test_an_erased_customer_is_in_no_version_and_no_table(small: Settings, url: str) -> None:
    for version in (FIRST, SECOND):
        switch(small.published, version)
        publish(small, ignore)
    with session(url) as admin:
        schemas = loaded_schemas(admin)
    assert len(schemas) == 2
    [erased, kept] = values(url, "SELECT DISTINCT customer_id FROM tierhouse.customer_grades ORDER BY 1 LIMIT 2")
    tables = values(
        url,
        "SELECT table_schema || '.' || table_name FROM information_schema.columns "
        f"WHERE column_name = 'customer_id' AND table_schema IN ('{schemas[0]}', '{schemas[1]}')",
    )

    def rows(customer: str) -> int:
        counts = (values(url, f"SELECT count(*) FROM {table} WHERE customer_id = '{customer}'")[0] for table in tables)
        return sum(counts)

    before = rows(erased), rows(kept)
    assert min(before) >= 2
    assert erase_customers(small, [erased]) == before[0]
    assert (rows(erased), rows(kept)) == (0, before[1])
    assert erase_customers(small, [erased]) == 0


def test_postgres_never_goes_back_to_an_older_day_unless_it_is_asked_to(small: Settings, url: str) -> None:
    switch(small.published, SECOND)
    publish(small, ignore)
    switch(small.published, FIRST)
    with pytest.raises(PostgresError, match=f"shows {SECOND}, which is a later day .* {FIRST}"):
        publish(small, ignore)
    assert shown_day(url) == "2026-07-01"
    publish(small, ignore, to_older_day=True)
    assert shown_day(url) == "2026-06-30"


def test_two_homes_do_not_share_a_schema(small: Settings) -> None:
    publish(small, ignore)
    other = small.model_copy(update={"pseudonym_key": Settings(pseudonym_key="the key of another home").pseudonym_key})
    with pytest.raises(PostgresError, match="belongs to another home"):
        publish(other, ignore)


@contextmanager
def load_that_waits(url: str) -> Generator[Callable[[], int]]:
    """A publication that begins now has loaded all rows and waits before its commit; returns its pid."""
    with session(url) as blocker:
        blocker.execute("BEGIN")
        blocker.execute("LOCK TABLE pg_statistic IN SHARE MODE")  # ANALYZE waits for it

        def pid() -> int:
            query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'tierhouse' AND wait_event_type = 'Lock'"
            deadline = time.monotonic() + 30
            while not (found := values(url, query)):
                assert time.monotonic() < deadline, "no load waits"
            return found[0]

        yield pid
        blocker.execute("ROLLBACK")


def test_a_publisher_that_is_killed_leaves_nothing_and_the_next_one_succeeds(small: Settings, url: str) -> None:
    publish(small, ignore)
    switch(small.published, SECOND)
    code = (
        "from pipelines.home.settings import load_settings; from pipelines.publish.postgres.publish import publish; "
        "publish(load_settings(), print)"
    )
    environment = {"TIERHOUSE_HOME": str(small.home), "TIERHOUSE_POSTGRES_URL": url, "PYTHONPATH": ":".join(sys.path)}
    with load_that_waits(url) as pid:
        publisher = subprocess.Popen([sys.executable, "-c", code], env=environment)
        backend = pid()
        publisher.send_signal(signal.SIGKILL)
        assert publisher.wait() == -signal.SIGKILL
        assert shown_day(url) == "2026-06-30"
        with pytest.raises(PostgresError, match="another process publishes"):
            publish(small, ignore)
    with session(url) as admin:
        while admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]).fetchall():
            pass  # the server notices that its client is gone
        assert loaded_schemas(admin) == ["tierhouse_2026_06_30_1f0c2a9b"]
    publish(small, ignore)
    assert shown_day(url) == "2026-07-01"


def test_a_load_that_an_administrator_ends_leaves_nothing_and_says_how_to_repeat(small: Settings, url: str) -> None:
    publish(small, ignore)
    switch(small.published, SECOND)
    with ThreadPoolExecutor(1) as pool, load_that_waits(url) as pid:
        publication = pool.submit(publish, small, ignore)
        values(url, f"SELECT pg_terminate_backend({pid()})")
        error = publication.exception()
    assert isinstance(error, PostgresError)
    assert re.search(r"an administrator ended the session\).*tierhouse publish-postgres", str(error))
    with session(url) as admin:
        assert loaded_schemas(admin) == ["tierhouse_2026_06_30_1f0c2a9b"]
    assert shown_day(url) == "2026-06-30"


def test_a_full_disk_leaves_nothing_and_says_so(small: Settings, url: str) -> None:
    with session(url) as admin:
        admin.execute(
            "CREATE FUNCTION public.full() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF tg_tag = "
            "'CREATE INDEX' THEN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; "
            "END IF; END $$"
        )
        admin.execute("CREATE EVENT TRIGGER full_disk ON ddl_command_end EXECUTE FUNCTION public.full()")
        with pytest.raises(PostgresError, match=r"No space left on device \(free space on the server\)"):
            publish(small, ignore)
        assert loaded_schemas(admin) == []
        admin.execute("DROP EVENT TRIGGER full_disk")
    publish(small, ignore)
    assert shown_day(url) == "2026-06-30"


def test_a_transaction_that_keeps_the_views_delays_the_switch_and_nothing_else(
    small: Settings, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PATIENCE_SECONDS", 1.0)
    publish(small, ignore)
    switch(small.published, SECOND)
    said: list[str] = []
    with session(url, options="-c application_name=bi") as reader_:
        reader_.execute("BEGIN")
        reader_.execute("SELECT * FROM tierhouse.customer_grades")
        with pytest.raises(PostgresError, match=r"loaded, and the views could not be switched.*of postgres \(bi\)"):
            publish(small, said.append)
        assert shown_day(url) == "2026-06-30"  # a new query is not kept waiting by the publisher
        assert said and all("(bi) since" in line for line in said)
        with ThreadPoolExecutor(1) as pool:
            monkeypatch.setattr(live, "PATIENCE_SECONDS", 60.0)
            waits = threading.Event()
            publication = pool.submit(publish, small, lambda _: waits.set())
            assert waits.wait(30)
            reader_.execute("SELECT * FROM tierhouse.grade_reasons")  # needs another view: no deadlock
            reader_.execute("COMMIT")
            assert publication.result().rows == {}  # loaded before: only the views were switched
    assert shown_day(url) == "2026-07-01"


def _file(folder: Path, columns: str) -> Path:
    file = folder / f"{abs(hash(columns))}.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE TABLE customer_grades AS SELECT {columns}")
    return file


def test_a_changed_contract_keeps_the_views_of_users_or_names_them(small: Settings, tmp_path: Path) -> None:
    def show(version: str, columns: str) -> None:
        file = _file(tmp_path, columns)
        load_version(connection, small, file, f"tierhouse_{version.replace('-', '_')}")
        with duckdb.connect(str(file), read_only=True) as source:
            switch_views(connection, version, source, ignore)

    with database(small) as connection:
        connection.execute("CREATE SCHEMA tierhouse")
        show("2026-06-01-aa", "DATE '2026-06-01' AS as_of, 'a' AS customer_id, 'A' AS grade")
        connection.execute("CREATE VIEW public.mine AS SELECT customer_id, grade FROM tierhouse.customer_grades")
        show("2026-06-02-bb", "DATE '2026-06-02' AS as_of, 'b' AS customer_id, 1::INTEGER AS grade_rank, 'B' AS grade")
        assert connection.execute("SELECT * FROM public.mine").fetchall() == [("b", "B")]
        assert connection.execute("SELECT grade_rank, grade FROM tierhouse.customer_grades").fetchall() == [(1, "B")]
        with pytest.raises(PostgresError, match=r"view mine depends on"):
            show("2026-06-03-cc", "DATE '2026-06-03' AS as_of, 'c' AS customer_id, 3::INTEGER AS grade")
        assert live_in_postgres(connection) == "2026-06-02-bb"
        connection.execute("DROP VIEW public.mine")
        show("2026-06-04-dd", "DATE '2026-06-04' AS as_of, 'd' AS customer_id, 4::INTEGER AS grade")
        assert connection.execute("SELECT grade FROM tierhouse.customer_grades").fetchall() == [(4,)]
        with pytest.raises(PostgresError, match=r"customer_grades\.grade: expected one of the types"):
            show("2026-06-05-ee", "DATE '2026-06-05' AS as_of, 'e' AS customer_id, [1] AS grade")


class Readers:
    """Processes that query without pause until they are stopped: by kind, the Python that runs them."""

    def __init__(self, folder: Path, url: str, pythons: dict[str, str]) -> None:
        self._stop = folder / "stop"
        current = str(folder / "published" / "current")
        self._running = {
            name: subprocess.Popen(
                [python, READERS, name.split()[0], url if name == "postgres" else current, self._stop],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for name, python in pythons.items()
        }

    def started(self) -> None:
        """Wait until each has printed that it reads."""
        for process in self._running.values():
            assert process.stdout is not None and process.stdout.readline() == "reading\n"

    def assert_whole(self, last_day: str) -> dict[str, int]:
        """No reader failed, saw two days in one answer or went back; each saw the last day. Returns the answers."""
        self._stop.touch()
        answers = {}
        for name, process in self._running.items():
            out, errors = process.communicate(timeout=60)
            assert process.returncode == 0, f"{name}: {errors}"
            found = json.loads(out)
            assert found["mixed"] == [], name
            assert found["days"] == sorted(found["days"]) and found["days"][-1] == last_day, name
            assert len(found["days"]) > 1, name
            answers[name] = found["answers"]
        return answers


def test_three_readers_query_without_pause_during_ten_publications(tmp_path: Path, url: str) -> None:
    settings = Settings(home=tmp_path, postgres_url=url)
    versions = [f"2026-06-{day:02}-1f0c2a9b" for day in range(1, 11)]
    for version in versions:
        publish_files(tmp_path, version, rows=100, tables=TABLES)
    switch(settings.published, versions[0])
    publish(settings, ignore)
    readers = Readers(tmp_path, url, dict.fromkeys(("duckdb", "parquet", "postgres"), sys.executable))
    readers.started()
    for version in versions[1:]:
        switch(settings.published, version)
        publish(settings, ignore)
    assert min(readers.assert_whole("2026-06-10").values()) > len(versions)


OLD_DUCKDB = "1.2.2"
"""The oldest DuckDB that docs/outputs.md promises: the storage version of the published file."""


@pytest.fixture(scope="session")
def old_duckdb(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment with an old DuckDB."""
    folder = tmp_path_factory.mktemp("old") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", f"duckdb=={OLD_DUCKDB}"], check=True)
    return python


@pytest.mark.soak
def test_four_readers_query_without_pause_during_ten_publications_of_the_demo(
    demo: Demo, tmp_path: Path, url: str, old_duckdb: str
) -> None:
    """Whole versions, built, checked, switched, loaded and deleted as by a run; each with the day after the last."""
    settings = Settings(home=tmp_path, postgres_url=url, versions_kept=3)
    (tmp_path / "pseudonym.key").write_text("the key of a test")
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"ATTACH '{demo.home / 'warehouse.duckdb'}' AS demo (READ_ONLY)")
        connection.execute("CREATE SCHEMA marts")
        for table in published_tables():
            connection.execute(f"CREATE TABLE marts.{table} AS FROM demo.marts.{table}")
    pythons = dict.fromkeys(("duckdb", "parquet", "postgres"), sys.executable)
    readers = None
    for day in range(1, 12):
        with duckdb.connect(str(warehouse)) as connection:
            for table in published_tables():
                connection.execute(f"UPDATE marts.{table} SET as_of = DATE '2026-06-30' + {day}")
        version = f"2026-07-{day:02}-1f0c2a9b"
        build_version(warehouse, settings.published / "versions", version)
        switch(settings.published, version)
        prune(settings.published, settings.versions_kept)
        publish(settings, ignore)
        if readers is None:
            readers = Readers(tmp_path, url, {**pythons, f"duckdb {OLD_DUCKDB}": old_duckdb})
            readers.started()
    assert readers is not None
    answers = readers.assert_whole("2026-07-11")
    assert min(answers.values()) > 10, answers
    with session(url) as admin:
        assert len(loaded_schemas(admin)) == 3


@pytest.mark.soak
def test_a_run_publishes_to_postgres_and_says_what_happened(
    young: Demo, tmp_path: Path, server: Server, url: str
) -> None:
    """A run of the command line; then a run with a stopped server, whose files are complete; then the repetition."""
    home = copy_home(young.home, tmp_path / "home")
    day = str(version_date(live_version(home / "published") or ""))
    done = tierhouse(home, "run", "--as-of", day, TIERHOUSE_POSTGRES_URL=url)
    assert re.search(r"PostgreSQL: schema tierhouse of \S+ is now \S+ \([\d,]+ rows loaded, [\d.]+ s\)", done.stderr)
    _assert_equal(url, home / "published" / "current" / "tierhouse.duckdb")
    before = live_version(home / "published")
    server.stop()
    try:
        failed = tierhouse(home, "run", "--as-of", day, check=False, TIERHOUSE_POSTGRES_URL=url)
    finally:
        server.start()
    assert failed.returncode == 1
    assert "postgres_publication: PostgreSQL: " in failed.stderr
    assert "the published files are complete" in failed.stderr
    assert PASSWORD not in failed.stdout + failed.stderr
    assert live_version(home / "published") != before
    secrets = [PASSWORD.encode(), PASSWORD.replace("%40", "@").encode()]
    written = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not [path for path in written for secret in secrets if secret in path.read_bytes()]
    again = tierhouse(home, "publish-postgres", TIERHOUSE_POSTGRES_URL=url)
    assert f"is now {live_version(home / 'published')}" in again.stdout
    rolled = tierhouse(home, "rollback", before or "", TIERHOUSE_POSTGRES_URL=url)
    assert f" is now {before} " in rolled.stdout
    _assert_equal(url, home / "published" / "current" / "tierhouse.duckdb")


def test_the_asset_exists_only_with_the_setting(tmp_path: Path) -> None:
    assert postgres_assets(Settings(home=tmp_path, postgres_url=None)) == []
    assets = postgres_assets(Settings(home=tmp_path, postgres_url="postgresql://u:p@h/d"))
    assert [key.to_user_string() for asset in assets for key in asset.keys] == ["postgres_publication"]


def test_a_wrong_password_and_a_stopped_server_are_named_without_the_password(small: Settings, server: Server) -> None:
    wrong = _with_url(small, server.url(password="Wr0ng%40word"))
    with pytest.raises(PostgresError, match=r"password authentication failed.*TIERHOUSE_POSTGRES_URL") as refused:
        publish(wrong, ignore)
    assert "Wr0ng" not in str(refused.value)
    server.stop()
    try:
        with pytest.raises(PostgresError, match=r"check that the server runs.*tierhouse publish-postgres") as stopped:
            publish(small, ignore)
    finally:
        server.start()
    assert PASSWORD not in str(stopped.value) and PASSWORD.replace("%40", "@") not in str(stopped.value)
    assert stopped.value.__cause__ is None and stopped.value.__suppress_context__


def test_the_doctor_reaches_the_server(small: Settings) -> None:
    (finding,) = configuration.postgres(small)
    assert finding.status == "ok" and "version" in finding.found
