"""What happens when a source changes: the policies of "What happens when" in docs/sources.md that concern columns."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest_home import NOW, SALES, IngestHome, counts

NEXT_DAY = NOW + timedelta(days=1)
WITH_AGENT = SALES.replace("amount: price", "amount: price\n        agent_id: agent")
HEADER = "id,customer,day,price,agent\n"
TWO = HEADER + "1,A,2025-01-01,10,Li\n2,B,2025-01-02,20,Wu\n"
LATEST = (
    "SELECT row_key, agent_id IS NOT NULL, amount FROM landing.transactions "
    "QUALIFY row_number() OVER (PARTITION BY row_key ORDER BY revision DESC, batch_seq DESC) = 1 ORDER BY 1"
)
"""Rows with their latest version: key, whether it has an agent, amount."""


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping(WITH_AGENT)
    home.raw(TWO)
    assert home.load()[0].notes == []
    return home


def test_a_new_column_is_kept_and_makes_new_versions(home: IngestHome) -> None:
    home.raw(TWO.replace("\n", ",floor\n", 1).replace("Li\n", "Li,12\n").replace("Wu\n", "Wu,\n"))
    (report,) = home.load(NEXT_DAY)
    assert (counts(report), report.notes) == ((2, 1, 0, 1), []), "an empty new column changes no row"
    (path,) = (home.settings.landing / "data").glob(f"{report.batch.batch}/transactions.parquet")
    assert home.query(f"SELECT row_key, extra FROM '{path}'") == [("shop:1", '{"floor":"12"}')]


def test_a_dropped_optional_column_empties_its_field_and_is_reported(home: IngestHome) -> None:
    home.raw("id,customer,day,price\n1,A,2025-01-01,10\n2,B,2025-01-02,20\n")
    (report,) = home.load(NEXT_DAY)
    assert counts(report) == (2, 2, 0, 0)
    assert report.notes == [
        "sales.csv, transactions.agent_id: expected a column 'agent', found 4 columns; the field is empty in all rows"
    ]
    assert home.query(LATEST) == [("shop:1", False, 10), ("shop:2", False, 20)]
    assert home.query("SELECT count(agent_id) FROM landing.transactions") == [(2,)], "the versions before keep it"


def test_a_renamed_optional_column_is_reported_and_comes_back_with_its_mapping(home: IngestHome) -> None:
    home.raw(TWO.replace("agent", "Agents"))
    home.raw(TWO.replace("agent", "Agents").replace("\n1,", "\n3,"), "more.csv")
    (report,) = home.load(NEXT_DAY)
    assert report.notes == [
        "more.csv and 1 more, transactions.agent_id: expected a column 'agent', found 5 columns, the nearest "
        "column 5 'Agents'; the field is empty in all rows"
    ]
    home.mapping(WITH_AGENT.replace("agent_id: agent", "agent_id: Agents"))
    (report,) = home.load(NEXT_DAY + timedelta(days=1))
    assert report.notes == []
    assert home.query(LATEST) == [("shop:1", True, 10), ("shop:2", True, 20), ("shop:3", True, 10)]


def test_a_renamed_required_column_rejects_its_file_alone(home: IngestHome) -> None:
    home.raw(TWO.replace("price", "Price (CNY)"))
    home.raw(HEADER + "3,C,2025-01-03,30,Li\n", "more.csv")
    (report,) = home.load(NEXT_DAY)
    (problem,) = report.problems
    assert problem.startswith("sales.csv, line 1, transactions.amount: expected a column 'price'")
    assert [float(amount) for (amount,) in home.query("SELECT amount FROM landing.transactions ORDER BY 1")] == [
        10, 20, 30,
    ]  # fmt: skip


def test_moved_columns_change_nothing(home: IngestHome) -> None:
    home.raw("agent,price,day,customer,id\nLi,10,2025-01-01,A,1\nWu,20,2025-01-02,B,2\n")
    (report,) = home.load(NEXT_DAY)
    assert counts(report) == (2, 0, 0, 2)


def test_numbers_and_dates_of_another_type_are_the_same_rows(home: IngestHome) -> None:
    home.mapping(WITH_AGENT + WITH_AGENT.partition("files:\n")[2].replace("*.csv", "*.parquet"))
    table = pa.table(
        {
            "id": [1, 2],
            "customer": ["A", "B"],
            "day": [date(2025, 1, 1), date(2025, 1, 2)],
            "price": [10.0, 20.0],
            "agent": ["Li", "Wu"],
        }
    )
    pq.write_table(table, home.settings.home / "raw" / "shop" / "sales.parquet")
    home.raw(TWO.replace("10,", "10.00,").replace("2025-01-02", "2025/1/2"))
    (report,) = home.load(NEXT_DAY)
    assert counts(report) == (4, 0, 0, 4)


def test_a_type_that_does_not_fit_any_more_is_quarantined_and_the_earlier_version_stays(home: IngestHome) -> None:
    home.raw(TWO.replace("20,", "twenty,").replace("2025-01-01", "01/02/2025") + "3,C,2025-01-03,30,Li\n")
    (report,) = home.load(NEXT_DAY)
    assert counts(report) == (3, 1, 2, 0)
    assert [row[2:4] for row in home.quarantine()] == [("type", "occurred_at"), ("type", "amount")]
    assert home.query(LATEST) == [("shop:1", True, 10), ("shop:2", True, 20), ("shop:3", True, 30)]


def test_a_line_that_disappears_stays_and_a_line_that_comes_back_is_known(home: IngestHome) -> None:
    home.raw(HEADER + "1,A,2025-01-01,10,Li\n")
    assert counts(home.load(NEXT_DAY)[0]) == (1, 0, 0, 1)
    assert len(home.query(LATEST)) == 2
    home.raw(TWO + "\n")
    assert counts(home.load(NEXT_DAY + timedelta(days=1))[0]) == (2, 0, 0, 2)
    assert home.query("SELECT count(*) FROM landing.transactions") == [(2,)]
