"""Merges: by equal keys, as known at the day, independent of the order of rows."""

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.identity.resolve import resolve, resolve_at


def records(*rows):
    frame = pd.DataFrame(rows, columns=["record_key", "known_at", "phone", "email"])
    return frame.assign(known_at=pd.to_datetime(frame["known_at"]))


def customer_of(resolved):
    return dict(zip(resolved["record_key"], resolved["customer_key"], strict=True))


def test_a_shared_phone_or_email_makes_one_customer_named_after_the_earliest_known_record():
    resolved = resolve(
        records(
            ("web:2", "2026-02-01", "+861", None),
            ("store:9", "2026-01-01", "+861", "a@b.cn"),
            ("web:3", "2026-03-01", None, "a@b.cn"),
            ("web:4", "2026-03-01", None, None),
        ),
        shared_key_limit=5,
    )
    assert customer_of(resolved) == {"web:2": "store:9", "store:9": "store:9", "web:3": "store:9", "web:4": "web:4"}
    evidence = resolved.set_index("record_key")["matched_on"]
    assert evidence["store:9"] == "phone+email"
    assert evidence["web:2"] == "phone"
    assert evidence["web:3"] == "email"
    assert pd.isna(evidence["web:4"])


def test_a_phone_of_more_records_than_the_limit_is_an_offices_and_links_nobody():
    shared = [(f"web:{n}", "2026-01-01", "+861", None) for n in range(4)]
    assert resolve(records(*shared), shared_key_limit=4)["customer_key"].nunique() == 1
    assert resolve(records(*shared), shared_key_limit=3)["customer_key"].nunique() == 4


def test_no_records_are_no_customers():
    assert resolve(records(), shared_key_limit=5).empty


def versions(*rows):
    frame = pd.DataFrame(rows, columns=["record_key", "created_at", "known_at", "batch_seq", "phone", "email"])
    return frame.assign(created_at=pd.to_datetime(frame["created_at"]), known_at=pd.to_datetime(frame["known_at"]))


def test_a_merge_is_not_known_before_the_record_that_makes_it():
    history = versions(
        ("a", "2026-01-01", "2026-01-01", 1, "+861", None),
        ("b", "2026-01-02", "2026-01-02", 1, None, "x@y.cn"),
        ("c", "2026-03-01", "2026-03-01", 1, "+861", "x@y.cn"),
    )
    before = customer_of(resolve_at(history, pd.Timestamp("2026-03-01"), 5))
    after = customer_of(resolve_at(history, pd.Timestamp("2026-03-02"), 5))
    assert before == {"a": "a", "b": "b"}
    assert after == {"a": "a", "b": "a", "c": "a"}


def test_a_corrected_phone_links_from_the_day_the_correction_is_known():
    history = versions(
        ("a", "2026-01-01", "2026-01-01", 1, "+861", None),
        ("b", "2026-01-02", "2026-01-02", 1, "+861", None),
        ("b", "2026-01-02", "2026-02-01", 2, "+862", None),
    )
    assert customer_of(resolve_at(history, pd.Timestamp("2026-01-31"), 5))["b"] == "a"
    assert customer_of(resolve_at(history, pd.Timestamp("2026-02-02"), 5))["b"] == "b"


def test_a_record_known_early_but_created_later_is_not_there_yet():
    history = versions(("a", "2026-05-01", "2026-01-01", 1, None, None))
    assert resolve_at(history, pd.Timestamp("2026-04-30"), 5).empty


KEY = st.one_of(st.none(), st.sampled_from(["p1", "p2", "p3", "p4"]))
RECORDS = st.lists(st.tuples(st.integers(0, 20), KEY, KEY), max_size=14)


@given(rows=RECORDS, order=st.randoms())
def test_components_equal_networkx_and_do_not_depend_on_the_order_of_rows(rows, order):
    frame = records(*((f"r{n}", f"2026-01-{day + 1:02d}", phone, email) for n, (day, phone, email) in enumerate(rows)))
    resolved = resolve(frame, shared_key_limit=3)

    graph = nx.Graph()
    graph.add_nodes_from(frame["record_key"])
    for kind in ("phone", "email"):
        for _, holders in frame.dropna(subset=[kind]).groupby(kind):
            if len(holders) <= 3:
                nx.add_path(graph, holders["record_key"])
    expected = {frozenset(part) for part in nx.connected_components(graph)}
    assert {frozenset(part) for part in resolved.groupby("customer_key")["record_key"].agg(list)} == expected

    shuffled = list(frame.index)
    order.shuffle(shuffled)
    assert customer_of(resolve(frame.loc[shuffled], shared_key_limit=3)) == customer_of(resolved)


@pytest.mark.parametrize("known_later", ["2026-06-01", "2027-01-01"])
def test_what_becomes_known_later_changes_nothing_now(known_later):
    now = versions(
        ("a", "2026-01-01", "2026-01-01", 1, "+861", None),
        ("b", "2026-01-02", "2026-01-02", 1, None, "x@y.cn"),
    )
    later = pd.concat([now, versions(("a", "2026-01-01", known_later, 2, "+863", "x@y.cn"))])
    cutoff = pd.Timestamp("2026-05-01")
    pd.testing.assert_frame_equal(resolve_at(now, cutoff, 5), resolve_at(later, cutoff, 5))
