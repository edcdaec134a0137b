"""No message quotes a cell: shapes of values, and messages of libraries without values."""

from __future__ import annotations

import gzip
import string

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import plain_error
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.typing.contract_rules import shape_sql
from pipelines.messages import is_contact, printable, shape_of, without_contacts, without_values

PHONE = "13800138000"


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (PHONE, "11 digits"),
        ("7", "1 digit"),
        ("１３８００１３８０００", "11 digits"),
        ("ann@example.com", "e-mail like"),
        ("31-02-2025", "text like 00-00-0000"),
        ("380万", "text like 000a"),
        ("138 0013 8000", "text like 000 0000 0000"),
        ("张三", "text of 2 characters"),
        ("x", "text of 1 character"),
        ("No. 7, " + "a" * 30, "text of 37 characters"),
        ("x" * 90, "text of at least 80 characters"),
    ],
)
def test_a_shape_says_what_a_value_looks_like(text: str, shape: str) -> None:
    assert shape_of(text) == shape
    assert duckdb.execute(f"SELECT {shape_sql('?::VARCHAR')}".replace("?", "$1"), [text]).fetchone() == (shape,)


@settings(max_examples=60, deadline=None)
@given(st.text(string.printable + "张李一￥＠０１٣é", min_size=1, max_size=95))
def test_duckdb_and_python_return_the_same_shape(text: str) -> None:
    assert duckdb.execute(f"SELECT {shape_sql('$1::VARCHAR')}", [text]).fetchone() == (shape_of(text),)


@pytest.mark.parametrize(
    "contact",
    [
        PHONE,
        "138 0013 8000",
        "+86-138-0013-8000",
        "138.0013.8000",
        "１３８００１３８０００",
        "010-12345678",
        "(at x) 0086 13800138000",
        "ann@example.com",
        "ann (at) example.com",
        "ann＠example.com",
    ],
)
def test_a_contact_is_removed_from_our_own_messages(contact: str) -> None:
    assert is_contact(contact)
    text = without_contacts(f"found {contact} there")
    assert not any(part in text for part in ("138", "1234", "ann", "example", "１３８"))
    assert text.startswith("found (") and text.endswith(" there")


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-30 10:00:00 UTC",
        "1,000,000 rows of 18,014,398,509",
        "crm-123456789012 and run 1f0c2a9b",
        "/srv/13800138000/leads.csv",
        "0.0500 of 1.2345678901",
        "20260630T100000",
    ],
)
def test_days_counts_ids_and_paths_are_not_contacts(text: str) -> None:
    assert without_contacts(text) == text


def raised(act) -> Exception:
    with pytest.raises(Exception) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    "act",
    [
        lambda: duckdb.execute("SELECT CAST('O''Brien\n13800138000' AS INT)"),
        lambda: duckdb.execute("SELECT CAST('Zhang San' AS DATE)"),
        lambda: duckdb.execute("SELECT strptime('Zhang San 13800138000', '%d')"),
        lambda: duckdb.execute("SELECT CAST(13800138000 AS TINYINT)"),
        lambda: duckdb.execute("CREATE TEMP TABLE t (n VARCHAR PRIMARY KEY)").execute(
            "INSERT INTO t VALUES ('Zhang San 13800138000'), ('Zhang San 13800138000')"
        ),
        lambda: duckdb.execute("SELECT '{Zhang San 13800138000'::JSON"),
        lambda: duckdb.execute('SELECT "Zhang San" FROM (SELECT 1 AS "O\'Brien 13800138000")'),
        lambda: pd.to_datetime(pd.Series(["Zhang San 13800138000"]), format="%Y"),
        lambda: pd.Series(["Zhang San 13800138000"]).astype(float),
        lambda: pd.Series({"a": 1})["Zhang San 13800138000"],
        lambda: int("Zhang San 13800138000"),
        lambda: pa.array(["Zhang San 13800138000"]).cast(pa.int64()),
        lambda: pa_csv.read_csv(pa.BufferReader(b"a,b\nZhang San,13800138000,O'Brien\n")),
        lambda: gzip.decompress(b"Zhang San 13800138000"),
        lambda: b"Zhang San \xff13800138000".decode(),
        lambda: "Zhang San 张三 13800138000".encode("ascii"),
    ],
)
def test_an_error_of_a_library_is_described_without_its_values(act) -> None:
    error = raised(act)
    text = plain_error(error)
    assert type(error).__name__ in text
    assert not any(part in text for part in ("Zhang", "San", "Brien", "138", "张", "Za", "O'"))


def test_our_own_errors_and_system_errors_are_shown_in_full() -> None:
    assert plain_error(FileRefused("a.csv", "expected rows", line=1)) == "a.csv, line 1: expected rows"
    assert plain_error(FileNotFoundError(2, "No such file or directory", "/srv/a.csv")) == (
        "/srv/a.csv: No such file or directory"
    )
    error = raised(lambda: duckdb.connect("/nowhere/x.duckdb"))
    assert "/nowhere/x.duckdb" in plain_error(error)


def test_names_of_our_tables_stay_in_messages_of_duckdb() -> None:
    text = 'Constraint Error: NOT NULL constraint failed: t.customer_id; column "amount" of "Zhang"'
    assert without_values(text).endswith('t.customer_id; column "amount" of (a text)')


def test_a_name_fits_in_one_line() -> None:
    assert printable("a\nb\x1b[2J\udcff张.csv") == "a\\nb\\x1b[2J\\udcff张.csv"
