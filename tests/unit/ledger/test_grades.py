"""The ledger of grades: one entry per day, and a day reads only earlier days."""

from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.integrity.log import LOG
from pipelines.ledger.grades import write_grades
from pipelines.ledger.register import register_ledger


def grades(day, **by_customer):
    return pa.table(
        {
            "customer_key": list(by_customer),
            "graded_as_of": [day] * len(by_customer),
            "grade": list(by_customer.values()),
            "score": [50.0] * len(by_customer),
            "rule_version": ["rules-1"] * len(by_customer),
            "model_version": pa.array([None] * len(by_customer), pa.string()),
            "warning_level": ["low"] * len(by_customer),
        }
    )


def read(folder, before):
    with duckdb.connect() as connection:
        register_ledger(connection, folder, before)
        return connection.execute("SELECT graded_as_of, customer_key, grade FROM ledger.grades ORDER BY ALL").fetchall()


FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)


@pytest.fixture
def book(tmp_path):
    return tmp_path / "ledger"


def test_an_empty_ledger_is_an_empty_table(book):
    assert read(book, FIRST) == []


def test_a_day_reads_the_days_before_it_and_not_its_own(tmp_path):
    folder = tmp_path / "it's [1] *" / "ledger"
    folder.parent.mkdir()
    write_grades(folder, FIRST, grades(FIRST, a="A"))
    write_grades(folder, SECOND, grades(SECOND, a="B"))
    assert read(folder, SECOND) == [(FIRST, "a", "A")]
    assert read(folder, THIRD) == [(FIRST, "a", "A"), (SECOND, "a", "B")]


def test_the_same_grades_in_another_order_are_written_once(book):
    write_grades(book, FIRST, grades(FIRST, a="A", b="B"))
    before = sorted(book.rglob("*"))
    assert write_grades(book, FIRST, grades(FIRST, b="B", a="A")) is None
    assert sorted(book.rglob("*")) == before


def test_a_regraded_day_adds_an_entry_and_keeps_the_old_one(book):
    old = write_grades(book, FIRST, grades(FIRST, a="A"))
    write_grades(book, FIRST, grades(FIRST, a="C"))
    assert old.exists()
    assert read(book, SECOND) == [(FIRST, "a", "C")]


def test_a_partial_file_of_a_killed_run_is_not_an_entry(book):
    entry = write_grades(book, FIRST, grades(FIRST, a="A"))
    (entry.parent / ".0002-beef.parquet.partial").write_bytes(b"half")
    assert read(book, SECOND) == [(FIRST, "a", "A")]


def test_an_old_entry_without_warnings_is_read(book):
    old = write_grades(book, FIRST, grades(FIRST, a="A"))
    pq.write_table(pq.read_table(old).drop(["warning_level"]), old)
    (book.parent / LOG).unlink()
    write_grades(book, SECOND, grades(SECOND, a="B"))
    with duckdb.connect() as connection:
        register_ledger(connection, book, THIRD)
        found = connection.execute("SELECT grade, warning_level FROM ledger.grades ORDER BY graded_as_of").fetchall()
    assert found == [("A", None), ("B", "low")]
