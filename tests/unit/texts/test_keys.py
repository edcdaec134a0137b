"""Keys in place of people, and of ids that are contacts."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from pipelines.home.settings import Settings
from pipelines.texts.keys import write_keys


@pytest.fixture
def keys(tmp_path):
    def write(texts, people=(), **settings):
        place = Settings(home=tmp_path, pseudonym_key="k" * 16, **settings)
        with duckdb.connect() as connection:
            for kind, values in texts.items():
                connection.execute(f"CREATE TABLE {kind} AS SELECT unnest(?::VARCHAR[]) AS text", [values])
            connection.execute("CREATE TABLE people AS SELECT unnest(?::VARCHAR[]) AS name", [list(people)])
            queries = {kind: [f"SELECT text FROM {kind}"] for kind in texts}
            file = write_keys(connection, place, queries, ["SELECT name, 1 AS records FROM people"])
        assert file.stat().st_mode & 0o777 == 0o600
        return pd.read_parquet(file).set_index("text")["key"].to_dict()

    return write


def test_every_agent_has_a_key_also_with_blanks_around_the_id(keys):
    found = keys({"agent": ["Wang Lei", "A01", " A01 ", None]})
    assert set(found) == {"Wang Lei", "A01", " A01 "}
    assert found["A01"] == found[" A01 "] != found["Wang Lei"]
    assert all(key.startswith("agent-") and len(key) == 22 for key in found.values())


def test_a_team_of_the_name_of_an_agent_has_another_key(keys):
    assert keys({"team": ["A01"]})["A01"].startswith("team-")


def test_a_setting_publishes_agents_as_written_unless_they_are_a_contact(keys):
    found = keys({"agent": ["Wang Lei ", "13812345678"]}, publish_agent_names=True)
    assert found["Wang Lei "] == "Wang Lei"
    assert found["13812345678"].startswith("agent-")


def test_an_id_has_a_key_only_where_it_is_a_contact_or_a_name(keys):
    ids = ["L000001", "101108123456", "13812345678", "a@b.cn", "Lei Wang", "550e8400-e29b-41d4-a716-446655440000"]
    found = keys({"record": ids}, people=["Wang Lei"])
    assert set(found) == {"13812345678", "a@b.cn", "Lei Wang"}
    assert all(key.startswith("record-") for key in found.values())
