"""Zoho CRM and 纷享销客, as a local server speaks them: paging, tokens, limits, deletions, interruptions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.connect.errors import ConnectError
from pipelines.connect.pull import pull
from pipelines.home.settings import Settings
from tests.integration.connect.servers import FXIAOKE, SECRETS, ZOHO, Crm, crm_server, write_connection


def zoho_row(key: str, minute: int, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "Last_Name": name,
        "Owner": {"id": "zcrm_7", "name": "Li"},
        "$converted": minute % 2 == 1,
        "Modified_Time": f"2025-11-14T{minute // 60:02d}:{minute % 60:02d}:28+05:30",
    }


def fxiaoke_row(key: str, minute: int, name: str) -> dict[str, Any]:
    time = int(datetime(2025, 11, 14, minute // 60, minute % 60, 28, tzinfo=UTC).timestamp() * 1000)
    return {
        "_id": key,
        "name": name,
        "mobile": None,
        "owner": ["FSUID_7"],
        "create_time": 1741312800000,
        "last_modified_time": time,
    }


class Api:
    """A CRM behind a server, and a home with a connection to it."""

    def __init__(self, kind: str, crm: Crm, url: str, home: Path) -> None:
        self.kind, self.crm = kind, crm
        self.settings = Settings(home=home)
        write_connection(self.settings.connections_dir, (ZOHO if kind == "zoho" else FXIAOKE).format(url=url))

    def put(self, number: int, minute: int, name: str = "Wang") -> None:
        key = f"{number:04d}"
        self.crm.rows[key] = (zoho_row if self.kind == "zoho" else fxiaoke_row)(key, minute, name)

    def drop(self, number: int) -> None:
        del self.crm.rows[f"{number:04d}"]
        self.crm.deleted.append(f"{number:04d}")

    def pulled(self) -> list[tuple]:
        """Key, name and whether deleted, of all rows in all files, in their order."""
        key, name = ("id", "Last_Name") if self.kind == "zoho" else ("_id", "name")
        files = str(self.settings.pulled / "crm/leads/*.parquet")
        return duckdb.sql(
            f"SELECT {key}, {name}, _deleted FROM read_parquet('{files}', filename = true) ORDER BY filename, {key}"
        ).fetchall()


@pytest.fixture(params=["zoho", "fxiaoke"])
def api(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    if "interrupted" in request.node.name:
        monkeypatch.setattr("pipelines.connect.fxiaoke.PAGE", 10)
    monkeypatch.setattr("pipelines.connect.dlt_quietly.BACKOFF_SECONDS", 0.0)
    with crm_server() as (crm, url):
        yield Api(request.param, crm, url, tmp_path)


def test_pages_changes_and_deletions(api: Api) -> None:
    for number in range(450):
        api.put(number, number)
    (first,) = pull(api.settings, "crm")
    assert (first.changed, first.deleted) == (450, 0)

    api.put(9, 500, "Zhang")
    api.put(450, 501)
    api.drop(3)
    (second,) = pull(api.settings, "crm")
    assert (second.changed, second.deleted) == (2, 1)
    assert api.pulled()[450:] == [("0003", "Wang", True), ("0009", "Zhang", False), ("0450", "Wang", False)]
    assert [pull(api.settings, "crm", full=full)[0].file for full in (False, True)] == [None, None]


def test_values(api: Api) -> None:
    api.put(1, 3)
    pull(api.settings, "crm")
    file = str(api.settings.pulled / "crm/leads/000001.parquet")
    if api.kind == "zoho":
        found = duckdb.sql(f'SELECT "Owner.id", "$converted", epoch("Modified_Time") FROM \'{file}\'').fetchall()
        assert found == [("zcrm_7", "true", datetime.fromisoformat("2025-11-14T00:03:28+05:30").timestamp())]
    else:
        found = duckdb.sql(f"SELECT owner, epoch(create_time), mobile FROM '{file}'").fetchall()
        assert found == [("FSUID_7", 1741312800, None)]


def test_limits_and_expired_tokens(api: Api) -> None:
    """A request that is refused with 429, and a token that expires between two pages."""
    for number in range(450):
        api.put(number, number)
    api.crm.faults = {1: "429", 2: "429", 4: "401"}
    (report,) = pull(api.settings, "crm")
    assert report.changed == 450
    assert api.crm.tokens >= 3


def test_error_within_200(api: Api) -> None:
    api.put(1, 1)
    pull(api.settings, "crm")
    before = api.pulled()
    api.put(2, 2)
    api.crm.faults = dict.fromkeys(range(api.crm.requests + 1, api.crm.requests + 9), "200")
    with pytest.raises(ConnectError, match=r"^crm.yml, line \d+, tables.leads: the API refuses: HTTP 200, .*busy"):
        pull(api.settings, "crm")
    assert api.pulled() == before
    api.crm.faults = {}
    assert pull(api.settings, "crm")[0].changed == 1


def test_wrong_secret_is_not_shown(api: Api) -> None:
    api.crm.refuses_token = True
    with pytest.raises(ConnectError) as raised:
        pull(api.settings, "crm")
    assert "\n" not in str(raised.value)
    assert not any(secret in str(raised.value) for secret in SECRETS.values())


def test_overload_without_end(api: Api) -> None:
    api.put(1, 1)
    api.crm.faults = dict.fromkeys(range(1, 99), "429")
    with pytest.raises(ConnectError, match="pull later"):
        pull(api.settings, "crm")
    assert not list(api.settings.pulled.rglob("*.parquet"))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(0, 42),
    changed=st.sets(st.integers(0, 44), max_size=6),
    dropped=st.sets(st.integers(0, 44), max_size=6),
    breaks_at=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    fault=st.sampled_from(["half", "200"]),
)
def test_interrupted_at_any_page(
    api: Api, rows: int, changed: set[int], dropped: set[int], breaks_at: tuple[int, int], fault: str
) -> None:
    """A pull that fails at any page, twice, and is started again has each version of each row exactly once."""
    shutil.rmtree(api.settings.pulled, ignore_errors=True)
    api.crm.page = 10
    api.crm.rows, api.crm.deleted, api.crm.faults = {}, [], {}
    for number in range(rows):
        api.put(number, number)
    expected = [(f"{number:04d}", "Wang", False) for number in range(rows)]
    _pull_broken(api, breaks_at[0], fault)
    assert rows == 0 or api.pulled() == expected

    dropped = {number for number in dropped - changed if number < rows} if rows > 20 else set()
    for number in changed:
        api.put(number, 600 + number, "Zhang")
    for number in dropped:
        api.drop(number)
    _pull_broken(api, breaks_at[1], fault)
    news = [(number, "Zhang", False) for number in changed] + [(number, "Wang", True) for number in dropped]
    expected += [(f"{number:04d}", name, gone) for number, name, gone in sorted(news)]
    assert not expected or api.pulled() == expected


def _pull_broken(api: Api, page: int, fault: str) -> None:
    """Pull while all requests from this page on fail, then pull again."""
    files = set(api.settings.pulled.rglob("*.parquet"))
    begin = api.crm.requests
    api.crm.faults = dict.fromkeys(range(begin + page, begin + page + 40), fault)
    try:
        pull(api.settings, "crm")
    except ConnectError:
        assert set(api.settings.pulled.rglob("*.parquet")) == files
    api.crm.faults = {}
    pull(api.settings, "crm")
