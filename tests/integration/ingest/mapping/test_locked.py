"""A mapping reads the values of its file's rows: no other file, no network, no clock, and nothing beyond its root."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from pipelines.ingest.engine import open_engine
from pipelines.ingest.mapping.expressions import ExpressionError, columns_of
from tests.ingest_home import SALES, IngestHome, counts

CLEAN = "id,customer,day,price\n1,A,2025-01-01,10\n2,B,2025-01-02,20\n"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path / "home [1]")
    home.mapping()
    return home


@pytest.mark.parametrize(
    "expression",
    [
        "(SELECT content FROM read_text('/etc/passwd'))",
        "(SELECT count(*) FROM '/etc/passwd')",
        "(SELECT count(*) FROM glob('/etc/*'))",
        "(FROM duckdb_secrets() SELECT name)",
        "(SELECT id FROM raw LIMIT 1)",
        "id IN (SELECT id FROM raw)",
        "EXISTS (FROM raw)",
        "ARRAY(SELECT id FROM raw)[1]",
        "getenv('HOME')",
        "current_setting('temp_directory')",
        "getvariable('x')",
        "CURRENT_SETTING('memory_limit')",
        "query('SELECT 1')",
        "read_text('/etc/passwd')",
        "read_csv('/etc/passwd')",
        "nextval('s')",
        "now()",
        "today()",
        "random()",
        "uuid()",
        "sleep_ms(1000)",
        "write_log('x')",
        "error('x')",
        "pg_typeof(id)",
        "current_user()",
        "version()",
        "1); COPY (SELECT 1) TO '/tmp/x.csv'; SELECT (1",
        "1); ATTACH '/tmp/x.duckdb'; SELECT (1",
        "1), (SELECT 2",
        "1) FROM read_text('/etc/passwd') --",
        "1) FROM read_text('/etc/passwd'), (SELECT 1",
        "1) UNION (SELECT 2",
        "1) WHERE (true",
        "1) ORDER BY (1",
        "1) LIMIT (1",
        "1) USING SAMPLE reservoir(1 ROWS) --",
        "PRAGMA database_list",
        "NOT " * 4000 + "true",
        " || ".join(["id"] * 20_000),
    ],
)
def test_an_expression_reads_a_row_and_nothing_else(expression: str) -> None:
    with duckdb.connect() as connection, pytest.raises(ExpressionError):
        columns_of(connection, expression)


def test_an_expression_that_the_engine_cannot_work_out_stops_its_file_alone(home: IngestHome) -> None:
    """`TRY` catches what a value does, not a pattern that is none."""
    broken = SALES.replace("shop", "mall").replace(
        "amount: price", "amount: price\n        deal_id: {expr: \"regexp_extract(price, '[')\"}"
    )
    home.mapping(broken, "mall")
    home.raw(CLEAN.replace("A", "13812345678"), source="mall", file="sales.csv")
    home.raw(CLEAN)
    mall, shop = home.load()
    assert mall.problems[0].startswith("sales.csv: its mapping cannot be evaluated: InvalidInputException")
    assert "13812345678" not in str(mall.problems)
    assert mall.batch is None
    assert counts(shop) == (2, 2, 0, 0)


@pytest.mark.parametrize("word", ["current_date", "CURRENT_TIMESTAMP", "current_user", "localtime", "user"])
def test_a_word_of_sql_is_a_column_or_refused(home: IngestHome, word: str) -> None:
    home.mapping(SALES.replace("amount: price", f'amount: price\n        deal_id: {{expr: "id || {word}"}}'))
    home.raw(CLEAN)
    (report,) = home.load()
    assert report.problems[0].startswith("sales.csv, line 1, transactions.deal_id: expected a column")
    if word.islower() and word not in ("current_date", "localtime", "current_user"):
        home.raw(CLEAN.replace("day", f"day,{word}").replace("-01,", "-01,x,").replace("-02,", "-02,x,"))
        (report,) = home.load()
        assert counts(report) == (2, 2, 0, 0)


def test_a_path_in_an_expression_cannot_be_a_table(home: IngestHome) -> None:
    home.mapping(SALES.replace("lead_id: customer", "lead_id: {expr: \"customer || '/etc/passwd'\"}"))
    home.raw(CLEAN)
    (report,) = home.load()
    assert counts(report) == (2, 2, 0, 0)


def test_the_engine_of_the_expressions_is_locked(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    inside, outside = tmp_path / "in [x]", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        duckdb.execute(f"COPY (SELECT 1 AS n) TO '{folder}/a.parquet'")
    with open_engine(home.settings, [inside], tmp_path / "spill") as engine:
        assert engine.execute(f"FROM read_parquet('{tmp_path}/in [[]x]/a.parquet')").fetchall() == [(1,)]
        engine.execute(f"COPY (SELECT 1) TO '{inside}/b.parquet'")
        for query in [
            f"FROM '{outside}/a.parquet'",
            f"FROM read_parquet('{inside}/../out/a.parquet')",
            f"FROM read_text('{outside}/a.parquet')",
            f"FROM glob('{outside}/*')",
            f"COPY (SELECT 1) TO '{outside}/b.parquet'",
            f"ATTACH '{outside}/b.duckdb'",
            f"EXPORT DATABASE '{outside}/b'",
            "FROM sniff_csv('/etc/passwd')",
            "FROM read_csv('https://example.com/a.csv')",
            "FROM read_parquet('s3://example/a.parquet')",
            "INSTALL httpfs",
            "LOAD httpfs",
            "FROM duckdb_secrets()",
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "RESET lock_configuration",
            "SET lock_configuration = false",
            "SET memory_limit = '64GB'",
            "FROM home",
        ]:
            with pytest.raises(duckdb.Error):
                engine.execute(query)
    assert sorted(path.name for path in outside.iterdir()) == ["a.parquet"]


def test_a_link_does_not_lead_out_of_the_root(home: IngestHome) -> None:
    home.raw(CLEAN)
    root, outside = home.settings.home / "raw" / "shop", home.settings.home / "secret"
    outside.mkdir()
    (outside / "people.csv").write_text(CLEAN.replace("1,A", "7,G"))
    (root / "out.csv").symlink_to(outside / "people.csv")
    (root / "up.csv").symlink_to("../../secret/people.csv")
    (root / "gone.csv").symlink_to(outside / "gone.csv")
    (root / "round.csv").symlink_to(root / "round.csv")
    (root / "in.csv").symlink_to(root / "sales.csv")
    (report,) = home.load()
    led_out = "expected a file below the root, found a link that leads out of it: copy the file there"
    assert sorted(report.problems) == [
        "gone.csv: cannot be read: No such file or directory",
        f"out.csv: {led_out}",
        "round.csv: cannot be read: a link that leads to itself",
        f"up.csv: {led_out}",
    ]
    assert home.query("SELECT DISTINCT transaction_id FROM landing.transactions ORDER BY 1") == [("1",), ("2",)]


def test_a_linked_folder_does_not_lead_out_of_the_root(home: IngestHome) -> None:
    home.mapping(SALES.replace('"*.csv"', '"*/*.csv"'))
    home.raw(CLEAN, "2025/sales.csv")
    outside = home.settings.home / "secret"
    outside.mkdir()
    (outside / "people.csv").write_text(CLEAN.replace("1,A", "7,G"))
    (home.settings.home / "raw" / "shop" / "2026").symlink_to(outside)
    (report,) = home.load()
    assert [problem.split(": ")[0] for problem in report.problems] == ["2026/people.csv"]
    assert counts(report) == (2, 2, 0, 0)


def test_a_root_that_is_a_link_is_the_root_that_it_names(home: IngestHome) -> None:
    (home.settings.home / "elsewhere").mkdir()
    (home.settings.home / "elsewhere" / "sales.csv").write_text(CLEAN)
    (home.settings.home / "raw" / "shop").rmdir()
    (home.settings.home / "raw" / "shop").symlink_to(home.settings.home / "elsewhere")
    (report,) = home.load()
    assert counts(report) == (2, 2, 0, 0)


def test_a_pipe_and_an_odd_name_are_refused_and_the_rest_goes_on(home: IngestHome) -> None:
    home.raw(CLEAN)
    root = home.settings.home / "raw" / "shop"
    os.mkfifo(root / "pipe.csv")
    (root / "folder.csv").mkdir()
    for name in (b"\xff.csv", b"a\nb.csv", b"\x1b[2J.csv"):
        (root / os.fsdecode(name)).write_text(CLEAN)
    for name in ("a#1.csv", "a%20b?.csv", "[1].csv", "a b's.csv", "客户　名单.csv", "x" * 251 + ".csv"):
        (root / name).write_text(CLEAN)
    (report,) = home.load()
    assert [problem.split(": ")[0] for problem in report.problems] == [
        "\\x1b[2J.csv",
        "a\\nb.csv",
        "pipe.csv",
        "\\udcff.csv",
    ]
    assert "expected a file, found a pipe or a device" in report.problems[2]
    assert counts(report) == (14, 2, 0, 12)


def test_more_files_than_one_entry_may_match_are_refused(home: IngestHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.ingest.reading.files.MAX_FILES", 3)
    for number in range(4):
        home.raw(CLEAN, f"{number}.csv")
    (report,) = home.load()
    assert report.problems == ["*.csv: expected at most 3 files, found more: join files, or move old files away"]
