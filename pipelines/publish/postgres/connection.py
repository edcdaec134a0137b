"""Connections to PostgreSQL with bounded waits, and its errors without the password."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import errors

from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST = 15
"""The oldest major version of PostgreSQL that publishing supports."""

NETWORK = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 300_000,
}
"""A server that vanishes is noticed within minutes. Seconds; `tcp_user_timeout` in milliseconds."""

SESSION = """
SET statement_timeout = '30min';
SET lock_timeout = '30s';
SET idle_in_transaction_session_timeout = 0;
SET client_min_messages = warning
"""
"""Limits of our own session, whatever the server's defaults: a load of a large table takes minutes."""

REPEAT = "The files are published; PostgreSQL keeps the version that it has. To repeat: tierhouse publish-postgres"

ADVICE = {
    errors.InvalidPassword: "check user and password in TIERHOUSE_POSTGRES_URL",
    errors.InvalidCatalogName: "create the database, or correct TIERHOUSE_POSTGRES_URL",
    errors.DiskFull: "free space on the server",
    errors.OutOfMemory: "give the server more memory",
    errors.TooManyConnections: "free connections on the server",
    errors.LockNotAvailable: "another session keeps a lock for more than 30 seconds",
    errors.QueryCanceled: "the server was too slow, or an administrator canceled the statement",
    errors.AdminShutdown: "the server was stopped, or an administrator ended the session",
    errors.ReadOnlySqlTransaction: "the server is a replica or read-only: name the primary in TIERHOUSE_POSTGRES_URL",
}
"""What to do, by class of error."""


class PostgresError(TierhouseError):
    """PostgreSQL did not get the publication. The text says what it keeps and how to repeat."""


def run(connection: Connection, statement: str) -> psycopg.Cursor[tuple[Any, ...]]:
    """Execute a statement without parameters. Names and texts in it must be quoted by `pipelines.home.sql`."""
    return connection.execute(statement.encode())


@contextmanager
def database(settings: Settings) -> Generator[Connection]:
    """Connect in autocommit mode, as the only publisher. Raises PostgresError for every error of PostgreSQL.

    An advisory lock of the session keeps two publishers apart. It ends with the session.
    """
    if settings.postgres_url is None:
        raise PostgresError("expected TIERHOUSE_POSTGRES_URL, got none: set it to publish to PostgreSQL")
    url = settings.postgres_url.get_secret_value()
    try:
        with psycopg.connect(url, autocommit=True, application_name="tierhouse", **NETWORK) as connection:
            run(connection, SESSION)
            if connection.info.server_version < OLDEST * 10_000:
                found = connection.info.server_version // 10_000
                raise PostgresError(f"expected PostgreSQL {OLDEST} or later, found {found}. {REPEAT}")
            if not run(connection, "SELECT pg_try_advisory_lock(hashtextextended('tierhouse', 0))").fetchall()[0][0]:
                raise PostgresError(f"another process publishes to this database: wait for its end. {REPEAT}")
            yield connection
    except psycopg.Error as error:
        # Without its cause: the detail of an error can quote a row.
        raise PostgresError(f"PostgreSQL: {describe_error(error, url)}. {REPEAT}") from None


def place(settings: Settings) -> str:
    """Return host and database of the URL, for messages."""
    parts = urlsplit(settings.postgres_url.get_secret_value() if settings.postgres_url else "")
    return f"{parts.hostname or 'localhost'}{parts.path or '/'}"


def describe_error(error: psycopg.Error, url: str) -> str:
    """Return the primary message without the password, and what to do. No detail: it can quote a row."""
    text = error.diag.message_primary or "; ".join(
        line.strip(" \t-") for line in str(error).splitlines() if line.strip()
    )
    advice = next((advice for kind, advice in ADVICE.items() if isinstance(error, kind)), None)
    if advice is None and isinstance(error, psycopg.OperationalError):
        advice = "check that the server runs and that TIERHOUSE_POSTGRES_URL is right"
    return _without_password(text, url) + (f" ({advice})" if advice else "")


def _without_password(text: str, url: str) -> str:
    password = urlsplit(url).password
    for secret in filter(None, (url, password, unquote(password or ""))):
        text = text.replace(secret, "***")
    return text
