"""Which records with and without a shared contact are one customer: families, parts of names, second phones."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from pathlib import Path
from random import Random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.customers import shared_contacts
from pipelines.identity.pairs.overrides import COLUMNS, OverridesRefused, read_overrides, without_records
from pipelines.identity.pairs.score import WEIGHTS, predict
from tests.lead_versions import Version, resolved

LAST = date(2026, 12, 31)
LIMIT = 5
P1, P2, P3 = "13811110001", "13811110002", "13811110003"
CROWD = 300
"""Other records of a home: what is common and what is rare shows only among many."""


def record(name: str, known: str, **fields: str | float | None) -> Version:
    moment = datetime.fromisoformat(known)
    return Version(name, moment, moment, None, **fields)


def customers(*rows: Version, day: date = LAST, home: Path = Path()) -> dict[str, str]:
    return customers_of(resolved(rows, [day], LIMIT, home=home))


def customers_of(database: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(database.execute("SELECT record_key, customer_key FROM identity.customer_records").fetchall())


def linked(database: duckdb.DuckDBPyConnection) -> list[tuple]:
    query = """
        SELECT one.record_key, other.record_key, rule, evidence
        FROM made
        JOIN records AS one ON made.record_a = one.record
        JOIN records AS other ON made.record_b = other.record
        ORDER BY ALL
    """
    return database.execute(query).fetchall()


def crowd() -> list[Version]:
    """Records of other people, with other names, agents and wishes."""
    return [
        record(
            f"x{number:03d}", "2025-01-01", full_name=f"路{chr(0x4E00 + number)}人", agent_id=f"A{number % 20}",
            project=f"P{number % 12}", demand_type="new", purpose=f"{number % 5}", area_min=40.0 + number % 100,
            budget_min=1e6 + 1e4 * number,
        )
        for number in range(CROWD)
    ]  # fmt: skip


WISH = {
    "agent_id": "A1", "project": "P1", "demand_type": "new", "purpose": "live", "area_min": 90.0, "budget_min": 3e6,
}  # fmt: skip


def test_a_family_with_one_phone_is_several_customers() -> None:
    found = customers(
        record("a", "2026-01-01", phone=P1, full_name="王小明"),
        record("b", "2026-01-02", phone=P1, full_name="李芳", **WISH),
        record("c", "2026-01-03", phone=P1, full_name="王 小明"),
    )
    assert found == {"a": "a", "b": "b", "c": "a"}


def test_a_refusal_reaches_the_family_with_the_same_phone() -> None:
    database = resolved(
        [
            record("a", "2026-01-01", phone=P1, full_name="王小明"),
            record("b", "2026-01-02", phone=P1, full_name="李芳"),
            record("c", "2026-01-03", phone=P1, full_name="王小明"),
            record("d", "2026-01-03", phone=P2, full_name="李芳"),
        ],
        [LAST],
        LIMIT,
    )
    rows = database.execute("SELECT record_key, customer_key FROM identity.contact_records ORDER BY ALL")
    assert rows.fetchall() == [("a", "b"), ("b", "a"), ("c", "b")]


def test_a_record_without_a_name_joins_one_member_of_a_family() -> None:
    found = customers(
        record("a", "2026-01-01", phone=P1, full_name="王小明"),
        record("b", "2026-01-02", phone=P1),
        record("c", "2026-01-03", phone=P1, full_name="李芳"),
        record("d", "2026-01-04", phone=P1, full_name="李女士"),
    )
    assert found == {"a": "a", "b": "a", "c": "c", "d": "c"}


def test_a_record_without_a_name_joins_two_records_of_one_name() -> None:
    found = customers(
        record("a", "2026-01-01", phone=P1, full_name="王小明"),
        record("b", "2026-01-02", phone=P2, full_name="王小明"),
        record("c", "2026-01-03", phone=f"{P1}/{P2}"),
        record("d", "2026-01-04", phone=P2, full_name="李芳"),
    )
    assert found == {"a": "a", "b": "a", "c": "a", "d": "d"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("王先生", "王小明", True),
        ("李女士", "王小明", False),
        ("Anna", "Anna Smith", True),
        ("Anna", "Bob", False),
        ("Smith, Anna", "anna smith", True),
        ("Wang Xiaoming", "王小明", True),
    ],
)
def test_names_are_compared_as_far_as_they_are_known(one: str, other: str, same: bool) -> None:
    found = customers(
        record("a", "2026-01-01", phone=P1, full_name=one), record("b", "2026-01-02", phone=P1, full_name=other)
    )
    assert (found["b"] == "a") is same


def test_a_name_alone_never_links() -> None:
    found = customers(
        *crowd(),
        record("a", "2026-01-01", phone=P1, full_name="王小明"),
        record("b", "2026-01-02", phone=P2, full_name="王小明"),
    )
    assert found["b"] == "b"


def test_one_person_with_two_phones_is_linked_by_name_agent_and_wish() -> None:
    database = resolved(
        [
            *crowd(),
            record("a", "2026-01-01", phone=P1, full_name="王小明", **WISH),
            record("b", "2026-01-20", phone=P2, full_name="王小明", **WISH),
            record("c", "2026-01-21", phone=P3, full_name="王小明", **WISH | {"project": "P2", "purpose": "invest"}),
        ],
        [LAST],
        LIMIT,
    )
    found = customers_of(database)
    assert (found["b"], found["c"]) == ("a", "c")
    assert linked(database) == [("a", "b", "score", "name+agent+place+wish")]
    assert database.execute(
        "SELECT record_key FROM identity.customer_records WHERE matched_on = 'name' ORDER BY ALL"
    ).fetchall() == [("a",), ("b",)]


def test_the_more_people_have_a_name_the_less_it_says() -> None:
    wish = {name: WISH[name] for name in ("agent_id", "project", "demand_type", "purpose")}
    pair = [
        record("a", "2026-01-01", phone=P1, full_name="王小明", **wish),
        record("b", "2026-01-20", phone=P2, full_name="王小明", **wish),
    ]
    same = [record(f"n{number:02d}", "2025-06-01", full_name="王小明", agent_id="A7") for number in range(60)]
    assert customers(*crowd(), *pair)["b"] == "a"
    assert customers(*crowd(), *same, *pair)["b"] == "b"


def test_later_records_do_not_change_a_link() -> None:
    pair = [
        record("a", "2026-01-01", phone=P1, full_name="王小明", **WISH),
        record("b", "2026-01-20", phone=P2, full_name="王小明", **WISH),
    ]
    later = [record(f"n{number:02d}", "2026-06-01", full_name="王小明", **WISH) for number in range(60)]
    assert customers(*crowd(), *pair, *later)["b"] == "a"
    # On a past day, the result knows no later record.
    past = date(2026, 2, 1)
    assert customers(*crowd(), *pair, *later, day=past) == customers(*crowd(), *pair, day=past)


def test_a_typing_error_with_a_shared_phone_needs_more() -> None:
    family = [
        record("a", "2026-01-01", phone=P1, full_name="王小明", **WISH),
        record("b", "2026-01-20", phone=P1, full_name="王晓明", **WISH),
        record("c", "2026-01-01", phone=P2, full_name="赵小红", agent_id="A3", project="P3"),
        record("d", "2026-06-20", phone=P2, full_name="赵小兰", agent_id="A4", project="P4"),
    ]
    found = customers(*crowd(), *family)
    assert (found["b"], found["d"]) == ("a", "d")


def test_a_contact_of_very_many_people_is_no_evidence_and_a_warning() -> None:
    many = [record(f"m{number:03d}", "2026-01-01", email="office@example.com") for number in range(400)]
    database = resolved([*many, *(record(f"p{number}", "2026-01-01", phone=P1) for number in range(6))], [LAST], LIMIT)
    assert set(customers_of(database).items()) == {(name, name) for name in customers_of(database)}
    assert shared_contacts(database, LIMIT) == [
        "1 phone of more than 5 records (up to 6) links no records: data_quality counts them as phone_shared",
        "1 e-mail of more than 5 records (up to 400) links no records: data_quality counts them as email_shared",
    ]


@settings(deadline=None, max_examples=3)
@given(st.randoms())
def test_the_order_of_rows_does_not_matter(order: Random) -> None:
    rows = [
        *crowd()[::10],
        record("a", "2026-01-01", phone=P1, full_name="王小明", **WISH),
        record("b", "2026-01-20", phone=P2, full_name="王小明", **WISH),
        record("c", "2026-01-21", phone=P2),
        record("d", "2026-01-21", phone=P2, full_name="李芳"),
        record("e", "2026-01-21", phone=f"{P2}/{P3}", full_name="李女士"),
        record("f", "2026-01-22", phone=P3, full_name="李萍"),
    ]
    database = resolved(rows, [LAST], LIMIT)
    expected = customers_of(database), linked(database)
    shuffled = resolved(order.sample(rows, len(rows)), [LAST], LIMIT)
    assert (customers_of(shuffled), linked(shuffled)) == expected


def overrides(folder: Path, *rows: str) -> Path:
    (folder / "identity_overrides.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return folder


PEOPLE = [
    record("crm:a", "2026-01-01", phone=P1, full_name="王小明"),
    record("crm:b", "2026-01-02", phone=P1, full_name="王小明"),
    record("crm:c", "2026-01-03", phone=P1, full_name="王小明"),
    record("crm:d", "2026-01-04", phone=P2, full_name="李芳"),
]


def test_a_decision_separates_links_and_is_taken_back(tmp_path: Path) -> None:
    home = overrides(
        tmp_path,
        "separate,crm:a,crm:b,2026-03-01,two people",
        "link,crm:d,crm:c,2026-03-01,married",
        "automatic,crm:b,crm:a,2026-05-01,mistake",
    )
    before = customers(*PEOPLE, day=date(2026, 2, 28), home=home)
    assert before == {"crm:a": "crm:a", "crm:b": "crm:a", "crm:c": "crm:a", "crm:d": "crm:d"}
    decided = customers(*PEOPLE, day=date(2026, 3, 1), home=home)
    assert decided == {"crm:a": "crm:a", "crm:b": "crm:b", "crm:c": "crm:a", "crm:d": "crm:a"}
    after = customers(*PEOPLE, day=date(2026, 5, 1), home=home)
    assert after == {"crm:a": "crm:a", "crm:b": "crm:a", "crm:c": "crm:a", "crm:d": "crm:a"}


def test_many_days_at_once_have_the_customers_of_each_day(tmp_path: Path) -> None:
    home = overrides(tmp_path, "separate,crm:a,crm:b,2026-03-01,", "link,crm:d,crm:c,2026-04-01,")
    days = [date(2026, 1, 2), date(2026, 2, 28), date(2026, 3, 1), date(2026, 4, 1)]
    together = resolved(PEOPLE, days, LIMIT, home=home).execute(
        "SELECT as_of, record_key, customer_key FROM identity.customer_records ORDER BY ALL"
    )
    alone = [(day, *row) for day in days for row in sorted(customers(*PEOPLE, day=day, home=home).items())]
    assert together.fetchall() == alone


def test_an_erased_person_leaves_the_decisions(tmp_path: Path) -> None:
    other = 'separate,crm:c,crm:d,2026-03-01,"two, with a comma"'
    file = overrides(tmp_path, "link,crm:a,crm:b,2026-03-01,", other, "link,crm:d,crm:a,2026-03-01,")
    content, count = without_records(file / "identity_overrides.csv", {"crm:a"})
    assert (content.decode().splitlines(), count) == ([",".join(COLUMNS), other], 2)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["merge,crm:a,crm:b,2026-03-01,"], "line 2, decision: expected link, separate, automatic, got 'merge'"),
        (["link,crm:a,b,2026-03-01,"], "line 2, record_b: expected source:lead_id"),
        (["link,crm:a,crm:a,2026-03-01,"], "line 2, record_b: expected another record"),
        (["link,crm:a,crm:b,1 March,"], "line 2, decided_on: expected a day such as 2026-06-30, got '1 March'"),
        (["", "link,crm:a,crm:b"], "line 3: expected 5 columns, got 3"),
        (
            ["link,crm:a,crm:b,2026-03-01,", "link,crm:b,crm:c,2026-03-01,", "separate,crm:c,crm:a,2026-03-02,"],
            "line 4: crm:c and crm:a are separated, but other lines link them on 2026-03-02",
        ),
    ],
)
def test_a_fault_in_the_decisions_stops_the_run(tmp_path: Path, rows: list[str], message: str) -> None:
    home = overrides(tmp_path, *rows)
    with pytest.raises(OverridesRefused) as error:
        customers(*PEOPLE, home=home)
    assert message in str(error.value)


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "identity_overrides.csv"
    file.write_text("a,b\n", encoding="utf-8")
    with pytest.raises(OverridesRefused, match="line 1: expected the columns decision,record_a"):
        read_overrides(file)


def test_splink_adds_the_stored_weights() -> None:
    """The score is the prior times m/u of each field, with the frequency in place of u: computed here by hand."""
    model = json.loads(WEIGHTS.read_text())
    fields = {one["output_column_name"]: one["comparison_levels"] for one in model["comparisons"]}
    side = {
        "phone": None, "email": None, "name": "王小明", "agent": "A1", "place": "P1", "is_project": True,
        "wish": None, "area": None, "budget": None, "created_at": None, "tf_name": 0.0002, "tf_agent": 0.03,
        "tf_place": 0.1, "tf_wish": None,
    }  # fmt: skip
    types = {"phone": pa.int64(), "email": pa.int64(), "created_at": pa.timestamp("us"), "is_project": pa.bool_()}
    types |= dict.fromkeys(("area", "budget", *(name for name in side if name.startswith("tf_"))), pa.float64())
    schema = pa.schema([("unique_id", pa.int64()), *((name, types.get(name, pa.string())) for name in side)])
    sides = pa.Table.from_pylist([side | {"unique_id": 14}, side | {"unique_id": 15, "agent": "A2"}], schema)
    prior = model["probability_two_random_records_match"]
    odds = prior / (1 - prior)
    odds *= fields["name"][1]["m_probability"] / 0.0002
    odds *= fields["place"][1]["m_probability"] / 0.1
    odds *= fields["agent"][-1]["m_probability"] / fields["agent"][-1]["u_probability"]
    with duckdb.connect() as memory:
        (row,) = predict(memory, sides).to_pylist()
    assert row["pair"] == 7
    assert math.isclose(row["score"], odds / (1 + odds), abs_tol=1e-5)
