"""Records become customers by equal keys, as known on each day, in any order of rows."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import duckdb
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.contacts import REASONS, Contact, Placeholders
from pipelines.identity.emails import read_email
from pipelines.identity.phones import read_phone
from tests.integration.dbt.properties.histories import rules
from tests.lead_versions import Version, resolved

LIMIT = 3
LAST = date(2026, 12, 31)
P1, P2, P3 = "13811110001", "13811110002", "13811110003"
OFFICE = "010-62345678"


def versions(*rows: tuple[str, str, str | None, str | None]) -> list[Version]:
    """Rows of record_key, known_at, phone, email: one version each, created when it became known."""
    return [
        Version(name, datetime.fromisoformat(known), datetime.fromisoformat(known), None, phone, email)
        for name, known, phone, email in rows
    ]


def customers(*rows: tuple[str, str, str | None, str | None], day: date = LAST, limit: int = LIMIT) -> dict[str, str]:
    return customers_of(resolved(versions(*rows), [day], limit))


def customers_of(database: duckdb.DuckDBPyConnection) -> dict[str, str]:
    rows = database.execute("SELECT record_key, customer_key FROM identity.customer_records").fetchall()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def failed(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = database.execute("SELECT rule, rows_failed FROM identity.contact_checks WHERE rows_failed > 0").fetchall()
    return dict(rows)


def test_records_with_a_shared_phone_or_email_are_one_customer_with_the_key_of_the_earliest_known_record():
    database = resolved(
        versions(
            ("web:2", "2026-02-01", P1, None),
            ("store:9", "2026-01-01", P1, "a@b.cn"),
            ("web:3", "2026-03-01", None, "a@b.cn"),
            ("web:4", "2026-03-01", None, None),
        ),
        [LAST],
        LIMIT,
    )
    assert customers_of(database) == {"web:2": "store:9", "store:9": "store:9", "web:3": "store:9", "web:4": "web:4"}
    evidence = database.execute("SELECT record_key, matched_on FROM identity.customer_records").fetchall()
    assert dict(evidence) == {"store:9": "phone+email", "web:2": "phone", "web:3": "email", "web:4": None}


def test_each_of_several_phones_links_a_record():
    rows = [
        ("a", "2026-01-01", f"{P1}/{P2}", None),
        ("b", "2026-01-02", P2, None),
        ("c", "2026-01-03", P1, None),
    ]
    assert set(customers(*rows).values()) == {"a"}


def test_a_mobile_is_never_a_switchboard():
    database = resolved(
        versions(
            ("a", "2026-01-01", P1, None),
            ("b", "2026-01-02", P1, None),
            ("c", "2026-01-03", f"{P1} ext 4321", None),
            ("d", "2026-01-04", OFFICE, None),
            ("e", "2026-01-05", OFFICE, None),
            ("f", "2026-01-06", f"{OFFICE} ext 1", None),
        ),
        [LAST],
        LIMIT,
    )
    assert customers_of(database) == {"a": "a", "b": "a", "c": "c", "d": "d", "e": "e", "f": "f"}
    assert failed(database) == {"phone_switchboard": 2}


def test_a_fault_of_a_record_with_a_usable_contact_of_the_kind_is_not_counted():
    database = resolved(
        versions(
            ("a", "2026-01-01", f"{P1}/138****0009", None),
            ("b", "2026-01-01", "138****0009", "a@b.cn"),
            ("c", "2026-01-01", f"{P1}/{P2}", None),
        ),
        [LAST],
        LIMIT,
    )
    assert failed(database) == {"phone_masked": 1}


def test_a_phone_of_more_records_than_the_limit_links_no_records():
    shared = versions(*((f"web:{n}", "2026-01-01", P1, None) for n in range(4)))
    assert len(set(customers_of(resolved(shared, [LAST], 4)).values())) == 1
    database = resolved(shared, [LAST], 3)
    assert len(set(customers_of(database).values())) == 4
    assert failed(database) == {"phone_shared": 4}


def test_a_switchboard_links_records_only_with_an_extension():
    database = resolved(
        versions(
            ("a", "2026-01-01", f"{OFFICE} ext 1", None),
            ("b", "2026-01-02", f"{OFFICE} ext 2", None),
            ("c", "2026-01-03", OFFICE, None),
            ("d", "2026-01-04", OFFICE, None),
            ("e", "2026-01-05", f"{OFFICE} ext 1", None),
        ),
        [LAST],
        LIMIT,
    )
    assert customers_of(database) == {"a": "a", "b": "b", "c": "c", "d": "d", "e": "a"}
    assert failed(database) == {"phone_switchboard": 2}


def test_only_the_records_of_the_day_decide_about_a_switchboard():
    rows = [
        ("a", "2026-01-01", OFFICE, None),
        ("b", "2026-01-02", OFFICE, None),
        ("c", "2026-06-01", f"{OFFICE} ext 2", None),
    ]
    assert customers(*rows, day=date(2026, 5, 31))["b"] == "a"
    assert customers(*rows, day=date(2026, 6, 1))["b"] == "b"


def test_without_records_there_are_no_customers():
    database = resolved([], [LAST], LIMIT)
    assert customers_of(database) == {}
    assert database.execute("SELECT count(*), sum(rows_checked) FROM identity.contact_checks").fetchone() == (11, 0)


def test_a_merge_is_not_known_before_the_record_that_links():
    history = [
        ("a", "2026-01-01", P1, None),
        ("b", "2026-01-02", None, "x@y.cn"),
        ("c", "2026-03-01", P1, "x@y.cn"),
    ]
    assert customers(*history, day=date(2026, 2, 28)) == {"a": "a", "b": "b"}
    assert customers(*history, day=date(2026, 3, 1)) == {"a": "a", "b": "a", "c": "a"}


def test_a_long_chain_of_records_is_one_customer():
    count = 200
    order = random.Random(7).sample(range(count), count)
    chain = versions(*((f"r{n:03d}", f"2026-01-01 00:{n % 60:02d}", f"a{n}@b.cn,a{n + 1}@b.cn", None) for n in order))
    emails = [one._replace(phone=None, email=one.phone) for one in chain]
    assert set(customers_of(resolved(emails, [LAST], LIMIT)).values()) == {"r000"}


@pytest.mark.parametrize("holders", [2, 3])
def test_the_holders_of_a_key_are_linked_up_to_the_limit(holders: int):
    rows = [(f"r{number}", "2026-01-01", P1, None) for number in range(holders)]
    assert customers(*rows, limit=2)["r1"] == ("r0" if holders == 2 else "r1")


FIRST = datetime(2026, 1, 1)  # noqa: DTZ001 - dbt's staging has business local time
DAYS = [FIRST.date() + timedelta(days=number) for number in (-1, 0, 1, 3, 4, 6)]
PHONES = [P1, P2, f"{P1}/{P2}", f"+86 {P3}", OFFICE, f"{OFFICE} ext 1", f"{OFFICE} ext 2", "138****0009", "12345", " "]
EMAILS = ["a@b.cn", "A@B.CN", "c@d.cn", "a@b.cn, c@d.cn", "none@none.com"]
_moments = st.builds(
    lambda day, second: FIRST + timedelta(days=day, seconds=second), st.integers(0, 6), st.sampled_from([-1, 0])
)
_histories = st.lists(
    st.lists(
        st.tuples(
            _moments,
            _moments,
            st.one_of(st.none(), st.sampled_from(PHONES)),
            st.one_of(st.none(), st.sampled_from(EMAILS)),
        ),
        min_size=1,
        max_size=3,
    ),
    max_size=12,
)


def _versions(histories: list[list[tuple]]) -> list[Version]:
    """One record per history. A later version counts from the time at which it is known and created."""
    found = []
    for number, history in enumerate(histories):
        rows = sorted(history, key=lambda row: row[1])
        for place, (created, known, phone, email) in enumerate(rows):
            superseded = min((max(later[0], later[1]) for later in rows[place + 1 :]), default=None)
            found.append(Version(f"r{number:02d}", created, known, superseded, phone, email))
    return found


PLACEHOLDERS = Placeholders.of((row["kind"], row["text"]) for row in rules("placeholder_contacts"))


def _read(version: Version) -> dict[str, Contact]:
    return {
        "phone": read_phone(version.phone or "", "CN", PLACEHOLDERS),
        "email": read_email(version.email or "", PLACEHOLDERS),
    }


def _expected(versions: list[Version], day: date) -> tuple[dict[str, tuple], set[tuple], dict[str, tuple]]:
    """The records with customer and evidence, the arriving records, and the checks of a day, by the rules in words."""
    cutoff = datetime.combine(day + timedelta(days=1), datetime.min.time())
    known = {
        one.record_key: one
        for one in versions
        if max(one.created_at, one.known_at) < cutoff and (one.superseded_at is None or one.superseded_at >= cutoff)
    }
    contacts = {name: _read(version) for name, version in known.items()}
    holders = defaultdict(set)
    for name, of_record in contacts.items():
        for kind, contact in of_record.items():
            for key in contact.keys:
                holders[kind, key].add(name)
    switchboards = {key.split(";ext=")[0] for _, key in holders if ";ext=" in key} - {f"+86{P1}"}
    unusable = {
        (kind, key): "switchboard" if key in switchboards else "shared"
        for (kind, key), names in holders.items()
        if key in switchboards or len(names) > LIMIT
    }
    graph = nx.Graph()
    graph.add_nodes_from(known)
    evidence = defaultdict(set)
    for (kind, key), names in holders.items():
        if (kind, key) not in unusable and len(names) > 1:
            nx.add_path(graph, sorted(names))
            for name in names:
                evidence[name].add(kind)
    first_known = {name: min(one.known_at for one in versions if one.record_key == name) for name in known}
    customer = {
        name: min(part, key=lambda one: (first_known[one], one))
        for part in nx.connected_components(graph)
        for name in part
    }
    records = {
        name: (customer[name], "+".join(kind for kind in ("phone", "email") if kind in evidence[name]) or None)
        for name in known
    }
    arriving = {
        (one.record_key, customer[name])
        for one in versions
        if cutoff <= one.known_at < cutoff + timedelta(days=1)
        for kind, contact in _read(one).items()
        for key in contact.keys
        if (kind, key) not in unusable
        for name in holders[kind, key]
    }
    checks = {}
    for kind, reasons in REASONS.items():
        filled = [name for name, version in known.items() if (getattr(version, kind) or "").strip()]
        for reason in reasons:
            count = 0
            for name in filled:
                contact = contacts[name][kind]
                faults = contact.reasons | {unusable[kind, key] for key in contact.keys if (kind, key) in unusable}
                count += reason in faults and all((kind, key) in unusable for key in contact.keys)
            checks[f"{kind}_{reason}"] = (len(filled), count)
    return records, arriving, checks


@settings(deadline=None, max_examples=25)
@given(histories=_histories, order=st.randoms())
def test_every_day_of_many_equals_the_rules_and_does_not_depend_on_the_order_of_rows(
    histories: list, order: random.Random
):
    stated = _versions(histories)
    order.shuffle(stated)
    database = resolved(stated, DAYS, LIMIT)
    for day in DAYS:
        records, arriving, checks = _expected(stated, day)

        def rows(table: str, day: date = day) -> Iterable[tuple]:
            return database.execute(f"SELECT * EXCLUDE (as_of) FROM identity.{table} WHERE as_of = ?", [day]).fetchall()

        assert sorted(rows("customer_records")) == sorted((name, *of_record) for name, of_record in records.items())
        assert sorted(rows("contact_records")) == sorted(arriving)
        assert sorted(rows("contact_checks")) == sorted((rule, *counts) for rule, counts in checks.items())


@settings(deadline=None, max_examples=10)
@given(histories=_histories, sample=st.integers(1, 12))
def test_a_sample_has_customers_whole_on_every_day(histories: list, sample: int):
    stated = _versions(histories)
    query = "SELECT * FROM identity.customer_records"
    everybody = set(resolved(stated, DAYS, LIMIT).execute(query).fetchall())
    chosen = set(resolved(stated[::-1], DAYS, LIMIT, sample).execute(query).fetchall())

    graph = nx.Graph()
    graph.add_edges_from((record, customer) for _, record, customer, _ in everybody)
    components = list(nx.connected_components(graph))
    names = {record for _, record, *_ in chosen}
    assert chosen == {row for row in everybody if row[1] in names}
    assert sum(not part.isdisjoint(names) for part in components) == min(sample, len(components))
    assert all(part <= names or part.isdisjoint(names) for part in components)
