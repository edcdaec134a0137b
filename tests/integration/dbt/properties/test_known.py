"""Which version of a row counts on a day: dbt, identity and the rule as `docs/sources.md` states it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count, groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.identity.known import write_versions
from pipelines.ingest.batches import Batch, revisions
from pipelines.texts.labels import LABELS
from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.warehouse import landed

FIRST = date(2025, 6, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(-1, 8)]
ENTITIES = {
    "leads": ("created_at", "intermediate.int_records__by_as_of", "channel"),
    "interactions": ("occurred_at", "intermediate.int_interactions__by_as_of", "campaign"),
    "transactions": ("occurred_at", "intermediate.int_transactions__by_as_of", "payment_plan"),
}
"""When a row happened, the model that holds what counts, and the column in which the test names the version."""


@dataclass(frozen=True)
class Version:
    """`place`: what orders the versions of a row: revision, known_at, order of commit, hash."""

    row: str
    name: str
    happened: datetime
    known: datetime
    place: tuple


# On both sides of the midnight in Shanghai, which is 16:00 UTC.
_moments = st.builds(
    lambda day, late: datetime.combine(FIRST + timedelta(days=day), datetime.min.time()) + timedelta(hours=16) - late,
    st.integers(0, 6),
    st.sampled_from([timedelta(0), timedelta(seconds=1)]),
)
_rows = st.lists(st.tuples(st.sampled_from("abc"), _moments, _moments), min_size=1, max_size=3)
_commits = st.lists(st.tuples(st.booleans(), _moments, _rows), min_size=1, max_size=5)


def _versions(commits: Sequence[tuple[bool, datetime, list]]) -> list[Version]:
    """Of each commit: whether its file states known_at, what the clock says, its rows."""
    batches = [
        Batch(f"b{seq}", "crm", "", 0, (), (), (), states_known_at=states, seq=seq)
        for seq, (states, *_) in enumerate(commits, start=1)
    ]
    revision_of = revisions(batches)
    versions: dict[tuple, Version] = {}
    # Each version has a name of its own, also if it takes the place of another: landing has a content once per batch.
    numbers = count()
    for batch, (states, clock, rows) in zip(batches, commits, strict=True):
        for row, happened, stated in rows:
            known = stated if states else clock
            name = f"v{next(numbers)}"
            versions[batch.seq, row, known] = Version(
                row, name, happened, known, (revision_of[batch.batch], known, batch.seq, name)
            )
    return list(versions.values())


def _counting(versions: list[Version], day: date, *, waits: bool) -> dict[str, str]:
    """Row → the version that counts. `waits`: a version dated after the day leaves the one before it in place."""
    cutoff = datetime.combine(day, datetime.min.time()) + timedelta(hours=16)
    result = {}
    for row, of_row in groupby(sorted(versions, key=lambda one: (one.row, one.place)), key=lambda one: one.row):
        known = [one for one in of_row if one.known < cutoff and (one.happened < cutoff or not waits)]
        if known and known[-1].happened < cutoff:
            result[row] = known[-1].name
    return result


def _landed(entity: str, versions: list[Version], mark: str) -> list[dict[str, Any]]:
    happened = ENTITIES[entity][0]
    more = {
        "leads": {},
        "interactions": {"kind": "call"},
        "transactions": {"kind": "sale", "amount": 1},
    }[entity]
    return [
        landed(
            entity,
            {"row_key": f"crm:{one.row}", "lead_id": one.row, happened: one.happened, "known_at": one.known,
             mark: one.name, "content_hash": one.name, "revision": one.place[0], "batch_seq": one.place[2], **more},
            number,
        )
        for number, one in enumerate(versions)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    names = [model.split(".")[1] for _, model, _ in ENTITIES.values()]
    return Compiled(tmp_path_factory.mktemp("dbt"), *names, "int_quality_checks")


@settings(max_examples=40, deadline=None)
@given(commits=_commits)
def test_dbt_and_identity_agree_with_the_rule_on_every_day(models: Compiled, commits: list) -> None:
    versions = _versions(commits)
    tables: dict[str, list] = {
        "scope.as_of_dates": [{"as_of": day} for day in DAYS],
        "identity.customer_records": [
            {"as_of": day, "record_key": f"crm:{row}", "customer_key": row} for day in DAYS for row in "abc"
        ],
    }
    for entity, (_, _, mark) in ENTITIES.items():
        tables[f"landing.{entity}"] = _landed(entity, versions, mark)
    tables["landing.labels"] = [
        {"label_kind": kind, "label": one.name, "shown_from": datetime(1990, 1, 1)}  # noqa: DTZ001 - as in landing
        for kind, fields in LABELS.items()
        if any((entity, mark) in fields for entity, (_, _, mark) in ENTITIES.items())
        for one in versions
    ]
    models.run(tables)

    for entity, (_, model, mark) in ENTITIES.items():
        expected = [(day, name) for day in DAYS for name in _counting(versions, day, waits=entity == "leads").values()]
        found = [(row["as_of"], row[mark]) for row in models.query(f"SELECT as_of, {mark} FROM {model}")]
        assert sorted(found) == sorted(expected), entity

    none = ", ".join(f"CAST(NULL AS VARCHAR) AS {name}" for name in ("phone", "email", "full_name"))
    contacts = f"SELECT row_key, batch_seq, content_hash, {none} FROM landing.leads"
    models.connection.execute("CREATE SCHEMA IF NOT EXISTS rules")
    models.connection.execute("CREATE TABLE IF NOT EXISTS rules.placeholder_contacts (kind VARCHAR, text VARCHAR)")
    write_versions(models.connection, DAYS, contacts)
    found = models.query("""
        SELECT as_of, record_key
        FROM versions
        JOIN days ON day >= first_day AND day < end_day
        JOIN records USING (record)
    """)
    expected = [(day, f"crm:{row}") for day in DAYS for row in _counting(versions, day, waits=True)]
    assert sorted((row["as_of"], row["record_key"]) for row in found) == sorted(expected)


@pytest.mark.parametrize(
    ("day", "expected"), [(29, None), (30, (100, 2)), (31, (150, 5)), (32, (160, 15)), (34, (160, 9))]
)
def test_a_quarantined_row_counts_from_the_day_on_which_its_file_does(
    models: Compiled, day: int, expected: tuple[int, int] | None
) -> None:
    as_of = date(2025, 6, 1) + timedelta(days=day - 1)
    ingested = datetime(2025, 7, 1, 3)  # noqa: DTZ001 - landed times are UTC without offset
    files = [
        # A history that was read a year later and describes days from 30 June on, a daily file, a file of broken rows.
        ("history", "h.csv", 100, 2, datetime(2026, 7, 1, 3)),  # noqa: DTZ001
        ("daily", "d.csv", 50, 3, ingested),
        ("broken", "x.csv", 10, 10, ingested + timedelta(days=1)),
        # The broken file once more, for a changed mapping that mends some of its rows.
        ("mended", "x.csv", 10, 4, ingested + timedelta(days=3)),
    ]
    rows = [("history", "h.csv", datetime(2025, 6, 30, 3)), ("daily", "d.csv", ingested)]  # noqa: DTZ001
    models.run(
        {
            "scope.as_of_dates": [{"as_of": as_of}],
            "scope.run": [{"run_id": "run", "publication_as_of": as_of}],
            "landing.files": [
                {
                    "batch": batch,
                    "batch_seq": seq,
                    "source": "crm",
                    "file": file,
                    "entity": "leads",
                    "content": file,
                    "lines": lines,
                    "ingested_at": at,
                }
                for seq, (batch, file, lines, _, at) in enumerate(files, 1)
            ],
            "landing.quarantine": [
                {"batch": batch, "source": "crm", "file": file, "entity": "leads", "rule": "required", "rows": broken}
                for batch, file, _, broken, _ in files
            ],
            "landing.leads": [
                landed(
                    "leads", {"lead_id": batch, "created_at": at, "known_at": at, "batch": batch, "file": file}, number
                )
                for number, (batch, file, at) in enumerate(rows)
            ],
        }
    )
    found = models.query(
        "SELECT rows_checked, rows_failed FROM intermediate.int_quality_checks WHERE rule = 'required'"
    )
    assert [tuple(row.values()) for row in found] == ([expected] if expected else [])
