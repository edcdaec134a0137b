"""The ledger of cases: an arm is the one first drawn, and a day sees only the days before it."""

from datetime import date

import duckdb
import pyarrow as pa

from pipelines.publish import ledger

FIRST, SECOND, THIRD = date(2026, 6, 1), date(2026, 6, 2), date(2026, 6, 3)


def cases(day, arm="treated", status="open", case="c1"):
    row = {
        "as_of": day, "case_id": case, "customer_key": "crm:1", "opened_on": FIRST, "level": "high",
        "likely_cause": "price", "action": "offer", "owner_agent_id": None, "due_on": THIRD, "arm": arm,
        "status": status, "closed_on": None, "outcome": None,
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=ledger.CASES)


def read(folder, before):
    with duckdb.connect() as connection:
        ledger.register(connection, folder, before)
        return connection.execute("SELECT case_id, arm, status FROM ledger.cases ORDER BY ALL").fetchall()


def test_an_empty_ledger_has_no_cases(tmp_path):
    assert read(tmp_path, FIRST) == []


def test_a_case_stands_once_as_it_was_opened_and_a_day_does_not_see_its_own(tmp_path):
    ledger.write_cases(tmp_path, FIRST, cases(FIRST))
    ledger.write_cases(tmp_path, SECOND, cases(SECOND, arm="hold_out", status="won"))
    assert read(tmp_path, FIRST) == []
    assert read(tmp_path, SECOND) == read(tmp_path, THIRD) == [("c1", "treated", "open")]


def test_a_case_that_its_day_graded_again_no_longer_opens_is_not_read_from_later_days(tmp_path):
    ledger.write_cases(tmp_path, FIRST, cases(FIRST))
    ledger.write_cases(tmp_path, SECOND, cases(SECOND))
    ledger.write_cases(tmp_path, FIRST, cases(FIRST, case="c2"))
    assert read(tmp_path, THIRD) == [("c2", "treated", "open")]


def test_writing_the_same_cases_again_moves_nothing(tmp_path):
    ledger.write_cases(tmp_path, FIRST, cases(FIRST))
    assert ledger.write_cases(tmp_path, FIRST, cases(FIRST)) is None


def test_cases_and_grades_do_not_mix(tmp_path):
    ledger.write_cases(tmp_path, FIRST, cases(FIRST))
    with duckdb.connect() as connection:
        ledger.register(connection, tmp_path, SECOND)
        assert connection.execute("SELECT count(*) FROM ledger.grades").fetchone() == (0,)
