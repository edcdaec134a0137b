"""Bad input: each fault names file, line and field, and the other source of the same run goes on."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from pipelines.ingest.errors import IngestError
from tests.ingest_home import SALES, IngestHome, counts

HEADER = "id,customer,day,price\n"
CLEAN = HEADER + "1,A,2025-01-01,10\n2,B,2025-01-02,20\n"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    """A home with the source `shop`, whose file each test writes, and the clean source `other`."""
    home = IngestHome.at(tmp_path)
    home.mapping()
    home.mapping(SALES.replace("shop", "other"), "other")
    home.raw(CLEAN, source="other")
    return home


def refused(home: IngestHome) -> str:
    """The one problem of `shop`; `other` is loaded whole."""
    other, shop = home.load()
    assert (other.source, other.problems, counts(other)) == ("other", [], (2, 2, 0, 0))
    assert home.query("SELECT DISTINCT source FROM landing.transactions") == [("other",)]
    (problem,) = shop.problems
    return problem


def test_clean_input_has_no_problem(home: IngestHome) -> None:
    home.raw(CLEAN)
    assert [report.problems for report in home.load()] == [[], []]
    assert home.query("SELECT count(*) FROM landing.transactions") == [(4,)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "sales.csv, line 1: expected a header and rows, found an empty file"),
        (HEADER.encode(), "sales.csv, line 1: expected rows below the header, found none"),
        (b"PK\x03\x04 zipped", "sales.csv, line 1: expected csv text, found a zip archive"),
        (
            CLEAN.replace("customer", "Customer").encode(),
            "sales.csv, line 1, transactions.lead_id: expected a column 'customer', found 4 columns, "
            "the nearest 'Customer'",
        ),
        (
            CLEAN.replace("price", "cost").encode(),
            "sales.csv, line 1, transactions.amount: expected a column 'price', found 4 columns",
        ),
        (
            CLEAN.replace("2025-", "day ").encode(),
            "sales.csv, line 2, occurred_at: no row fits the mapping of transactions: expected a timestamp (type)",
        ),
        (b"id,customer,day,price\n1,A\n", "sales.csv, line 2: no row can be read: expected 4 fields, found 2"),
        (CLEAN.encode() + b'3,"C,2025-01-03,30', "sales.csv, line 4: a quote that opens here is never closed"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(home: IngestHome, content: bytes, message: str) -> None:
    home.raw(content)
    assert refused(home).startswith(message)


def test_a_truncated_gzip_file_is_refused(home: IngestHome) -> None:
    home.mapping(SALES.replace("*.csv", "*.csv.gz"))
    rows = "".join(f"{n},C{n % 97},2025-01-01,{n * n % 9973}\n" for n in range(50_000))
    home.raw(gzip.compress((HEADER + rows).encode())[:-20_000], "sales.csv.gz")
    assert refused(home).startswith("sales.csv.gz: expected a whole gzip file, found a truncated one")


def test_a_wrong_mapping_is_reported_with_line_and_field(home: IngestHome) -> None:
    home.raw(CLEAN)
    home.mapping(SALES.replace("lead_id: customer", "lead: customer"))
    problem = refused(home)
    assert "shop.yml, line 11, transactions.lead: unknown field" in problem
    assert "transactions.lead_id: required field is not mapped" in problem


def test_an_expression_over_a_missing_column_is_refused_with_its_field(home: IngestHome) -> None:
    home.raw(CLEAN)
    home.mapping(SALES.replace("amount: price", 'amount: {expr: "net + vat"}'))
    assert refused(home).startswith('sales.csv, line 1, transactions.amount: Referenced column "net" not found')


def test_an_expression_that_mixes_rows_is_refused(home: IngestHome) -> None:
    home.raw(CLEAN)
    home.mapping(SALES.replace("amount: price", 'amount: {expr: "sum(CAST(price AS DOUBLE))"}'))
    assert refused(home).startswith("sales.csv, line 1, transactions.amount: ")


def test_a_path_without_a_file_and_a_second_mapping_of_a_name_are_reported(home: IngestHome) -> None:
    home.mapping(SALES, "shop_again")
    reports = home.load()
    assert reports[1].problems[0].startswith("*.csv: no file below")
    assert "another mapping file has the source name 'shop'" in reports[2].problems[0]
    assert counts(reports[0]) == (2, 2, 0, 0)


def test_the_error_of_a_home_without_mapping_names_the_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match=r"expected mapping files such as .*sources/crm\.yml"):
        IngestHome.at(tmp_path).stage()


def test_single_bad_rows_go_to_quarantine_with_line_field_and_text(home: IngestHome) -> None:
    home.raw(
        CLEAN
        + "3,C,31-02-2025,30\n"
        + "4,D,2025-01-04,-1\n"
        + "5,,2025-01-05,5 yuan\n"
        + "6,F,2025-01-06,2000000\n"
        + '7,"G\nG",2025-01-07,x\n'
        + ",H,2025-01-08,8\n"
        + "9,I,2025"
    )
    _, shop = home.load()
    assert counts(shop) == (9, 2, 7, 0)
    rows = home.quarantine()
    assert [(line, rule, field) for line, _, rule, field, _, _ in rows] == [
        (4, "type", "occurred_at"),
        (5, "minimum", "amount"),
        (6, "required", "lead_id"),
        (7, "price_is_plausible", "price_is_plausible"),
        (8, "type", "amount"),
        (10, "required", "transaction_id"),
        (11, "ragged_row", None),
    ]
    assert rows[0][4:] == ("occurred_at: expected a timestamp, found text like 00-00-0000", "3,C,31-02-2025,30")
    assert rows[2][4].count(";") == 2, "one row, every rule that it breaks"
    assert rows[4][5] == '7,"G\nG",2025-01-07,x'
    assert rows[6][4:] == ("expected 4 fields, found 3", "9,I,2025")
    assert home.query("SELECT rule, rows FROM landing.quarantine WHERE field = 'lead_id'") == [("required", 1)]


def test_a_value_that_an_expression_cannot_take_is_a_fault_of_its_row(home: IngestHome) -> None:
    home.mapping(SALES.replace("amount: price", 'amount: price\n        deal_id: {expr: "CAST(id AS INT) + 1"}'))
    home.raw(CLEAN + "x3,C,2025-01-03,7\n4,D,2025-01-04,40\n")
    _, shop = home.load()
    assert counts(shop) == (4, 3, 1, 0)
    assert home.quarantine()[0][:4] == (4, "transactions", "expression", "deal_id")
    assert home.query("SELECT deal_id FROM landing.transactions WHERE row_key = 'shop:4'") == [("5",)]


@pytest.mark.parametrize(
    "content",
    [
        "13800001111,张三\n13800002222,李四\n",
        "张三,张三,13800001111\n李四,李四,13800002222\n",
        "custom Er,a@b.com,13800001111\n",
        "7,customer 13800001111,2025-01-01,5\n8,customer 13800002222,2025-01-01,5\n",
        "Jane,da,pryce,id 13800001111\nJune,de,pricy,ie 13800001111\n",
        "id,id,13800001111,张三\n1,2,3,4\n",
    ],
)
def test_a_customer_never_shows_in_a_message_where_the_header_is_missing(home: IngestHome, content: str) -> None:
    home.raw(content)
    problem = refused(home)
    assert problem.startswith("sales.csv, line 1")
    assert not any(part in problem for part in ("1380000", "张三", "Er", "a@b", "Jane", "pryce", "customer 1"))


def test_a_message_quotes_the_names_of_a_real_header(home: IngestHome) -> None:
    home.raw(CLEAN.replace("customer", "customers"))
    assert "the nearest column 2 'customers'" in refused(home)


def test_no_message_of_a_row_quotes_a_cell(home: IngestHome) -> None:
    home.mapping(
        SALES.replace("kind: {value: sale}", "kind: {column: stage, values: {won: sale}}").replace(
            "rules:", "currency: money\n        rules:"
        )
    )
    home.raw(
        "id,customer,day,price,stage,money\n"
        + "".join(f"{n},A,2025-01-01,10,won,CNY\n" for n in range(9))
        + "13800138000,Zhang San,Zhang San,1380013800x,Zhang San,Zhang San\n"
        + "13800138000,Zhang San,O'Brien 138,13800138000,a@b.com,13800138000\n"
    )
    home.load()
    messages = " ".join(row[4] for row in home.quarantine())
    assert len(home.quarantine()) == 2
    assert (
        "stage" not in messages and "kind: expected a value that the mapping translates, found e-mail like" in messages
    )
    assert not any(part in messages for part in ("138", "Zhang", "Brien", "a@b"))
    assert "found text like 0000000000a" in messages
    assert "currency: expected a currency of ISO 4217" in messages and "found 11 digits" in messages
    assert "Zhang San" in home.quarantine()[0][5], "the line stays in the quarantine file"


def test_a_mapping_fault_never_shows_a_contact(home: IngestHome) -> None:
    home.raw(CLEAN)
    home.mapping(
        SALES.replace("Asia/Shanghai", '"13800138000"').replace(
            "kind:", "138-0013-8000: x\n        a@b.co: y\n        kind:"
        )
    )
    problem = refused(home)
    assert "found '(11 digits)'" in problem
    assert not any(part in problem for part in ("138", "a@b"))
