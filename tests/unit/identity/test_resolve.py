"""Records become customers by equal keys, as known on the day, in any order of rows."""

from datetime import date

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.customers import Day, Versions, resolve_day

LIMIT = 3


def versions(*rows):
    """Rows of record_key, known_at, phone, email: one version each, created when it became known."""
    frame = pd.DataFrame(rows, columns=["record_key", "known_at", "phone", "email"])
    frame["known_at"] = pd.to_datetime(frame["known_at"])
    frame = frame.sort_values(["known_at", "record_key"], kind="stable", ignore_index=True)
    keys = [
        (position, kind, key)
        for position, row in frame.iterrows()
        for kind in ("phone", "email")
        for key in (row[kind].split() if isinstance(row[kind], str) else [])
    ]
    return Versions(
        frame.assign(
            created_at=frame["known_at"],
            superseded_at=pd.NaT,
            phone=frame["phone"].notna(),
            email=frame["email"].notna(),
        ),
        pd.DataFrame(keys, columns=["position", "kind", "key"]),
        pd.DataFrame(columns=["position", "kind", "reason"]),
    )


def resolved(*rows, limit=LIMIT, day=date(2026, 12, 31)) -> Day:
    return resolve_day(versions(*rows), day, limit)


def customer_of(day: Day):
    return dict(zip(day.records["record_key"], day.records["customer_key"], strict=True))


def failed(day: Day):
    checks = day.checks[day.checks["rows_failed"] > 0]
    return dict(zip(checks["rule"], checks["rows_failed"], strict=True))


def test_records_with_a_shared_phone_or_email_are_one_customer_with_the_key_of_the_earliest_known_record():
    day = resolved(
        ("web:2", "2026-02-01", "+861", None),
        ("store:9", "2026-01-01", "+861", "a@b.cn"),
        ("web:3", "2026-03-01", None, "a@b.cn"),
        ("web:4", "2026-03-01", None, None),
    )
    assert customer_of(day) == {"web:2": "store:9", "store:9": "store:9", "web:3": "store:9", "web:4": "web:4"}
    evidence = day.records.set_index("record_key")["matched_on"]
    assert evidence["store:9"] == "phone+email"
    assert evidence["web:2"] == "phone"
    assert evidence["web:3"] == "email"
    assert pd.isna(evidence["web:4"])


def test_each_of_several_phones_links_a_record():
    day = resolved(
        ("a", "2026-01-01", "+861 +862", None), ("b", "2026-01-02", "+862", None), ("c", "2026-01-03", "+861", None)
    )
    assert set(customer_of(day).values()) == {"a"}


def test_a_mobile_is_never_a_switchboard():
    day = resolved(
        ("a", "2026-01-01", "+8613811110001", None),
        ("b", "2026-01-02", "+8613811110001", None),
        ("c", "2026-01-03", "+8613811110001;ext=4321", None),
        ("d", "2026-01-04", "+861062345678", None),
        ("e", "2026-01-05", "+861062345678", None),
        ("f", "2026-01-06", "+861062345678;ext=1", None),
    )
    assert customer_of(day) == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "e", "f": "f"}
    assert failed(day) == {"phone_switchboard": 2}


def test_a_fault_of_a_record_with_a_usable_contact_of_the_kind_is_not_counted():
    known = versions(
        ("a", "2026-01-01", "+861", None), ("b", "2026-01-01", "", "a@b.cn"), ("c", "2026-01-01", "+861 +862", None)
    )
    faults = pd.DataFrame([(0, "phone", "invalid"), (1, "phone", "invalid")], columns=["position", "kind", "reason"])
    day = resolve_day(Versions(known.rows, known.keys, faults), date(2026, 12, 31), LIMIT)
    assert failed(day) == {"phone_invalid": 1}


def test_a_phone_of_more_records_than_the_limit_links_no_records():
    shared = [(f"web:{n}", "2026-01-01", "+861", None) for n in range(4)]
    assert resolved(*shared, limit=4).records["customer_key"].nunique() == 1
    day = resolved(*shared, limit=3)
    assert day.records["customer_key"].nunique() == 4
    assert failed(day) == {"phone_shared": 4}


def test_a_switchboard_links_records_only_with_an_extension():
    day = resolved(
        ("a", "2026-01-01", "+8610;ext=1", None),
        ("b", "2026-01-02", "+8610;ext=2", None),
        ("c", "2026-01-03", "+8610", None),
        ("d", "2026-01-04", "+8610", None),
        ("e", "2026-01-05", "+8610;ext=1", None),
    )
    assert customer_of(day) == {"a": "a", "b": "b", "c": "c", "d": "d", "e": "a"}
    assert failed(day) == {"phone_switchboard": 2}


def test_only_the_records_of_the_day_decide_about_a_switchboard():
    rows = [
        ("a", "2026-01-01", "+861", None),
        ("b", "2026-01-02", "+861", None),
        ("c", "2026-06-01", "+861;ext=2", None),
    ]
    assert customer_of(resolved(*rows, day=date(2026, 5, 31)))["b"] == "a"
    assert customer_of(resolved(*rows, day=date(2026, 6, 1)))["b"] == "b"


def test_without_records_there_are_no_customers():
    day = resolved()
    assert day.records.empty
    assert (day.checks["rows_checked"] == 0).all()


def test_a_merge_is_not_known_before_the_record_that_links():
    history = [
        ("a", "2026-01-01", "+861", None),
        ("b", "2026-01-02", None, "x@y.cn"),
        ("c", "2026-03-01", "+861", "x@y.cn"),
    ]
    assert customer_of(resolved(*history, day=date(2026, 2, 28))) == {"a": "a", "b": "b"}
    assert customer_of(resolved(*history, day=date(2026, 3, 1))) == {"a": "a", "b": "a", "c": "a"}


KEY = st.one_of(st.none(), st.sampled_from(["p1", "p2", "p3", "p4", "p1 p2", "p3 p4"]))
few_rows = settings(deadline=None, max_examples=40)
RECORDS = st.lists(st.tuples(st.integers(0, 20), KEY, KEY), max_size=14)


@few_rows
@given(rows=RECORDS, order=st.randoms())
def test_components_equal_networkx_and_do_not_depend_on_the_order_of_rows(rows, order):
    named = [(f"r{n}", f"2026-01-{day + 1:02d}", phone, email) for n, (day, phone, email) in enumerate(rows)]
    day = resolved(*named)

    graph = nx.Graph()
    graph.add_nodes_from(name for name, *_ in named)
    for kind in (2, 3):
        for key in ("p1", "p2", "p3", "p4"):
            holders = [row[0] for row in named if key in (row[kind] or "").split()]
            if 0 < len(holders) <= LIMIT:
                nx.add_path(graph, holders)
    expected = {frozenset(part) for part in nx.connected_components(graph)}
    assert {frozenset(part) for part in day.records.groupby("customer_key")["record_key"].agg(list)} == expected

    order.shuffle(named)
    assert customer_of(resolved(*named)) == customer_of(day)


@pytest.mark.parametrize("limit", [1, 2])
def test_two_holders_of_a_key_are_linked_up_to_the_limit(limit):
    day = resolved(("a", "2026-01-01", "+861", None), ("b", "2026-01-02", "+861", None), limit=limit)
    assert customer_of(day)["b"] == ("a" if limit == 2 else "b")
