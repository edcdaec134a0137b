"""`private_id`: the same under one key, another under another, and no message shows the key."""

import duckdb
import pytest

from pipelines.ingest.mapping.private_ids import create_private_id


def made(secret: bytes, sql: str) -> object:
    with duckdb.connect() as connection:
        create_private_id(connection, secret)
        return connection.execute(f"SELECT {sql}").fetchone()[0]


def test_an_id_follows_from_text_and_key():
    one = made(b"k" * 16, "private_id('a|1')")
    assert len(one) == 16 and one == made(b"k" * 16, "private_id('a|1')")
    assert one != made(b"k" * 16, "private_id('a|2')")
    assert one != made(b"l" * 16, "private_id('a|1')")


def test_nothing_has_no_id():
    assert made(b"k" * 16, "private_id(NULL)") is None


def test_it_is_there_where_the_configuration_is_locked():
    with duckdb.connect(config={"enable_external_access": "false", "lock_configuration": "true"}) as connection:
        create_private_id(connection, b"k" * 16)
        assert connection.execute("SELECT private_id('a')").fetchone()[0] == made(b"k" * 16, "private_id('a')")


@pytest.mark.parametrize(
    "sql", ["private_id()", "private_id('a', 'b')", "private_id(a)", "CAST(private_id('a') AS INT)"]
)
def test_no_message_shows_the_key(sql):
    with duckdb.connect() as connection:
        create_private_id(connection, b"k" * 16)
        key = connection.execute("SELECT getvariable('tierhouse_private_id')").fetchone()[0]
        with pytest.raises(duckdb.Error) as refused:
            connection.execute(f"SELECT {sql}")
        assert key not in str(refused.value) and "getvariable" not in str(refused.value)
