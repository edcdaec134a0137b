"""The ledger of cases: an arm is drawn once, and a day reads only earlier days."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from pipelines.ledger.cases import CASES, write_cases
from pipelines.ledger.register import register_ledger

FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)


def cases(day, arm="treated", status="open", case="c1"):
    row = {
        "as_of": day,
        "case_id": case,
        "customer_key": "crm:1",
        "opened_on": FIRST,
        "level": "high",
        "likely_cause": "price",
        "action": "offer",
        "owner_agent_id": None,
        "due_on": THIRD,
        "arm": arm,
        "status": status,
        "closed_on": None,
        "outcome": None,
    }
    return pa.Table.from_pylist([row], schema=CASES)


def read(folder, before):
    with duckdb.connect() as connection:
        register_ledger(connection, folder, before)
        return connection.execute("SELECT case_id, arm, status FROM ledger.cases ORDER BY ALL").fetchall()


@pytest.fixture
def book(tmp_path):
    return tmp_path / "ledger"


def test_an_empty_ledger_has_no_cases(book):
    assert read(book, FIRST) == []


def test_a_case_has_one_row_as_opened_and_a_day_does_not_read_its_own_cases(book):
    write_cases(book, FIRST, cases(FIRST))
    write_cases(book, SECOND, cases(SECOND, arm="hold_out", status="won"))
    assert read(book, FIRST) == []
    assert read(book, SECOND) == read(book, THIRD) == [("c1", "treated", "open")]


def test_a_case_that_a_second_grading_does_not_open_is_left_out(book):
    write_cases(book, FIRST, cases(FIRST))
    write_cases(book, SECOND, cases(SECOND))
    write_cases(book, FIRST, cases(FIRST, case="c2"))
    assert read(book, THIRD) == [("c2", "treated", "open")]


def test_the_same_cases_are_written_once(book):
    write_cases(book, FIRST, cases(FIRST))
    assert write_cases(book, FIRST, cases(FIRST)) is None


def test_cases_and_grades_do_not_mix(book):
    write_cases(book, FIRST, cases(FIRST))
    with duckdb.connect() as connection:
        register_ledger(connection, book, SECOND)
        assert connection.execute("SELECT count(*) FROM ledger.grades").fetchone() == (0,)
