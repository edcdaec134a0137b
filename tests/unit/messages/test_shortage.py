"""A full disk and too little memory, in DuckDB itself: one line that says what to set or to free."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import sqlalchemy

from pipelines.errors import full_error, shortage
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.transform.failures import failure_line, failure_lines

GROUPS = (
    "SELECT count(*) FROM (SELECT text FROM (SELECT md5(i::VARCHAR) AS text FROM range(1000000) AS r(i)) GROUP BY text)"
)
ONE_VALUE = "SELECT list(md5(i::VARCHAR)) FROM range(1000000) AS r(i)"
"""One value, which cannot be spilled."""


def failed(folder: Path, *queries: str) -> duckdb.Error:
    """Return the error of the last query on a small file with a memory limit of 20 MB."""
    settings = Settings(home=folder, memory_limit="20MB", threads=2)
    with connect(folder / "warehouse.duckdb", settings) as connection:
        for query in queries[:-1]:
            connection.execute(query)
        with pytest.raises(duckdb.Error) as raised:
            connection.execute(queries[-1])
    return raised.value


def test_too_little_memory_names_the_limit_and_the_settings(tmp_path: Path) -> None:
    line = full_error(failed(tmp_path, ONE_VALUE))
    assert line.startswith("DuckDB needs more memory than its limit of 19.0 MiB: raise TIERHOUSE_MEMORY_LIMIT")
    assert "TIERHOUSE_THREADS" in line and "\n" not in line


def test_a_full_spill_folder_says_to_free_space_and_leaves_no_spilled_file(tmp_path: Path) -> None:
    error = failed(tmp_path, "SET max_temp_directory_size = '1MB'", GROUPS)
    line = full_error(error)
    assert line.startswith("the disk is full: free space on the disk of TIERHOUSE_HOME") and "\n" not in line
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]
    with connect(tmp_path / "warehouse.duckdb", Settings(home=tmp_path, memory_limit="20MB", threads=2)) as connection:
        assert connection.execute(GROUPS).fetchone() == (1000000,)


def test_the_line_of_a_dbt_node_says_what_to_do(tmp_path: Path) -> None:
    node = SimpleNamespace(resource_type="model", name="facts", original_file_path="models/facts.sql")
    message = f"Runtime Error in model facts (models/facts.sql)\n  {failed(tmp_path, ONE_VALUE)}"
    line = failure_line(SimpleNamespace(node=node, message=message))
    assert line.startswith("model facts (models/facts.sql): DuckDB needs more memory than its limit of 19.0 MiB")


def test_other_errors_are_no_shortage(tmp_path: Path) -> None:
    assert shortage(str(failed(tmp_path, "SELECT 1 / 'text'::INTEGER"))) is None


def test_a_full_disk_of_sqlite_says_to_free_space(tmp_path: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'runs.db'}")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE events (body TEXT)"))
        connection.execute(sqlalchemy.text("PRAGMA max_page_count = 3"))
        with pytest.raises(sqlalchemy.exc.OperationalError) as raised:
            connection.execute(sqlalchemy.text("INSERT INTO events VALUES (hex(zeroblob(100000)))"))
    line = full_error(raised.value)
    assert line.startswith("Dagster cannot write the state of the run (database or disk is full): free space")
    assert "\n" not in line


def test_memory_that_python_cannot_get_is_foreseen() -> None:
    with pytest.raises(MemoryError) as raised:
        bytearray(1 << 60)
    line = full_error(raised.value)
    assert line.startswith("Python needs more memory") and "TIERHOUSE_MEMORY_LIMIT" in line and "\n" not in line


def test_nodes_that_one_shortage_has_stopped_share_a_line(tmp_path: Path) -> None:
    short, wrong = str(failed(tmp_path, ONE_VALUE)), "Binder Error: no such column"
    results = [
        SimpleNamespace(
            node=SimpleNamespace(resource_type="model", name=name, original_file_path=f"{name}.sql"),
            status=status,
            message=message,
        )
        for name, status, message in [
            ("a", "error", short), ("b", "error", wrong), ("c", "error", short), ("d", "skipped", None),
            ("e", "error", short), ("f", "error", wrong),
        ]
    ]  # fmt: skip
    first, *others = failure_lines(results)
    assert first.startswith("model a (a.sql) and 2 others: DuckDB needs more memory than its limit of 19.0 MiB")
    assert others == ["model b (b.sql): Binder Error: no such column", "model f (f.sql): Binder Error: no such column"]
