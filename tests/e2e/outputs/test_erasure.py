"""After an erasure no byte of a home identifies the person, and a file that is sent again brings nobody back."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import Settings
from pipelines.privacy import erase as work
from pipelines.privacy.person import Person
from tests.erasure import places_with
from tests.home import LAST_DAY, published, tierhouse

BUYER = """
SELECT leads.source || ':' || leads.lead_id FROM read_parquet('{home}/landing/data/*/leads.parquet') AS leads
WHERE phone IS NOT NULL AND email IS NOT NULL AND source = 'demo'
    AND lead_id IN (SELECT lead_id FROM read_parquet('{home}/landing/data/*/transactions.parquet'))
    AND lead_id IN (SELECT referred_by FROM read_parquet('{home}/landing/data/*/leads.parquet'))
ORDER BY lead_id LIMIT 1
"""


def _settings(home: Path) -> Settings:
    return Settings(home=home, _env_file=None)  # pyrefly: ignore[unexpected-keyword]


def _buyer(home: Path) -> str:
    with duckdb.connect() as connection:
        return connection.execute(BUYER.format(home=home)).fetchall()[0][0]


def _identifiers(home: Path, person: Person) -> list[str]:
    """Ids, pseudonyms and contacts of the person, also as the source writes them."""
    query = (
        f"SELECT phone, email FROM read_parquet('{home}/landing/data/*/leads.parquet') WHERE list_contains(?, row_key)"
    )
    with duckdb.connect() as connection:
        written = connection.execute(query, [list(person.records)]).fetchall()
    ids = [record.partition(":")[2] for record in person.records]
    return [*ids, *person.customers, *person.contacts, *(text for row in written for text in row if text)]


def test_nothing_of_an_erased_buyer_is_left_and_the_home_is_whole(home, tmp_path):
    buyer = _buyer(home)
    person = work.look_up(_settings(home), buyer)
    identifiers = _identifiers(home, person)
    assert len(places_with(home, identifiers)) > 5

    tierhouse(home, "access", buyer, "-o", str(tmp_path / "answer.json"))
    answer = tmp_path / "answer.json"
    assert stat.S_IMODE(answer.stat().st_mode) == 0o600
    assert json.loads(answer.read_text())["transactions"]

    tierhouse(home, "erase", buyer, "--yes")
    assert places_with(home, identifiers) == []
    tierhouse(home, "verify")
    again = tierhouse(home, "erase", buyer, "--yes", check=False)
    assert again.returncode == 1
    assert "no lead of" in again.stderr
    log = tierhouse(home, "audit").stdout
    assert "access" in log
    assert "erase" in log


@pytest.mark.soak
def test_the_day_without_them_equals_a_day_on_which_they_never_existed(tmp_path):
    """Both homes have no model: a model is an aggregate, which the next training renews."""
    home, never = tmp_path / "home", tmp_path / "never"
    for place in (home, never):
        tierhouse(place, "demo", "--leads", "400", "--only-files")
    tierhouse(home, "run", "--as-of", LAST_DAY)
    buyer = _buyer(home)
    sent = {path.name: path.read_bytes() for path in (home / "demo").iterdir()}
    tierhouse(home, "erase", buyer, "--yes")
    for path in (home / "demo").iterdir():
        (never / "demo" / path.name).write_bytes(path.read_bytes())
    (never / "pseudonym.key").write_bytes((home / "pseudonym.key").read_bytes())
    tierhouse(home, "run", "--as-of", LAST_DAY)
    tierhouse(never, "run", "--as-of", LAST_DAY)
    with duckdb.connect(str(home / "published" / "current" / "tierhouse.duckdb"), read_only=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    different = [table for table in tables if not published(home, table).equals(published(never, table))]
    assert different == []

    for name, content in sent.items():
        (home / "demo" / name).write_bytes(content)
    tierhouse(home, "run", "--as-of", LAST_DAY)
    lines = [path for path in places_with(home, [buyer.partition(":")[2]]) if not path.startswith("demo/")]
    assert lines == []
