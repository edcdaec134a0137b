"""Which labels may be shown, and from when."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
import pandas as pd
import pytest

from pipelines.ingest.contract import ENTITIES
from pipelines.texts.labels import fewest_records, write_labels
from pipelines.texts.names import NAMESAKES

START = datetime(2026, 1, 1)  # noqa: DTZ001 - landing's times are UTC without offset
FEWEST = fewest_records()


@pytest.fixture
def landing():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA landing")
        for name, entity in ENTITIES.items():
            fields = ", ".join(f"{field.name} {field.sql_type}" for field in entity.fields)
            connection.execute(
                f"CREATE TABLE landing.{name} (source VARCHAR, row_key VARCHAR, known_at TIMESTAMP, {fields})"
            )
        yield connection


def tell(landing, entity, field, texts, key="r"):
    rows = pd.DataFrame(
        {
            "source": "crm",
            "row_key": [f"{key}{number}" for number in range(len(texts))],
            "known_at": [START + timedelta(days=number) for number in range(len(texts))],
            field: texts,
        }
    )
    landing.register("rows", rows)
    landing.execute(f"INSERT INTO landing.{entity} BY NAME SELECT * FROM rows")


def labels(landing, *names):
    landing.register("people", pd.DataFrame({"name": pd.Series(names, dtype=str)}))
    write_labels(landing, ["SELECT name, count(*) AS records FROM people GROUP BY 1"])
    return {
        (kind, label): shown
        for kind, label, shown in landing.execute("SELECT label_kind, label, shown_from FROM landing.labels").fetchall()
    }


def test_a_label_is_shown_from_the_record_that_makes_it_common(landing):
    tell(landing, "leads", "occupation", ["Nurse"] * FEWEST + ["Judge"] * (FEWEST - 1))
    assert labels(landing) == {("occupation", "nurse"): START + timedelta(days=FEWEST - 1)}


def test_case_and_blanks_make_no_other_label_and_fields_of_a_kind_count_together(landing):
    tell(landing, "leads", "preferred_district", ["Jing An", " jing an", "JING AN "])
    tell(landing, "properties", "district", ["Jing An"] * (FEWEST - 3))
    assert set(labels(landing)) == {("district", "jing an")}


def test_versions_of_a_record_count_as_one_record(landing):
    for _ in range(FEWEST):
        tell(landing, "leads", "industry", ["Mining"])
    assert labels(landing) == {}


@pytest.mark.parametrize("text", ["call 138 1234 5678", "wang (at) example.cn", "一三八一二三四五六七八"])
def test_a_contact_is_no_label_however_common(landing, text):
    tell(landing, "leads", "campaign", [text] * 3 * FEWEST)
    assert labels(landing) == {}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Wang Lei", "Wang Lei"),
        ("from Lei Wang, office 2", "WANG, Lei"),
        ("王磊介绍", "王磊"),
        ("欧阳振华", "欧阳振华"),
        ("Friend of Anna Maria Rossi", "Rossi  Anna-Maria"),
        ("王磊介绍", "王　磊"),
        ("王 磊", "王磊"),
        ("王\u200b磊", "王磊"),
        ("Ｗａｎｇ Ｌｅｉ", "Wang Lei"),
        ("王磊介绍", "王磊先生"),
        ("Wang Lei", "Mr. Wang Lei"),
    ],
)
def test_a_text_with_the_name_of_a_person_is_no_label(landing, text, name):
    tell(landing, "leads", "campaign", [text] * FEWEST)
    assert labels(landing) != {}
    assert labels(landing, name) == {}


@pytest.mark.parametrize(("text", "name"), [("白云区", "白云"), ("Jing An", "An Jing"), ("杨浦区", "杨浦区")])
def test_a_label_is_no_name_where_many_times_as_many_say_it_as_have_the_name(landing, text, name):
    tell(landing, "leads", "preferred_district", [text] * (NAMESAKES + 1))
    assert len(labels(landing, name)) == 1
    assert labels(landing, name, name) == {}


@pytest.mark.parametrize(
    ("text", "name"), [("portal", "Portal"), ("Spring sale", "Spring Flower"), ("online/王", "王")]
)
def test_a_single_word_is_no_name(landing, text, name):
    tell(landing, "leads", "campaign", [text] * FEWEST)
    assert len(labels(landing, name)) == 1
