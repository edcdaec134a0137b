"""Publishes the live version to PostgreSQL: load, switch of the views, removal of old versions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from psycopg import errors

from pipelines.home.key import find_secret, fingerprint
from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal
from pipelines.home.warehouse import connect
from pipelines.integrity.check import assert_folder
from pipelines.publish.postgres.connection import REPEAT, Connection, PostgresError, database, place, run
from pipelines.publish.postgres.live import (
    SCHEMA,
    ensure_reader,
    live_in_postgres,
    loaded_schemas,
    schema_of,
    switch_views,
    version_of,
)
from pipelines.publish.postgres.load import load_version
from pipelines.publish.switch import live_version, version_date, version_ids

OWNER = "Tierhouse, home "
"""Start of the comment on the schema. The fingerprint of the home's key follows."""


@dataclass(frozen=True)
class PostgresPublication:
    """What PostgreSQL has after a publication. `rows`: by table, empty if the version was loaded before.

    `notes`: what an administrator should know, such as a missing role.
    """

    version: str
    place: str
    rows: Mapping[str, int]
    seconds: float
    notes: tuple[str, ...]

    def __str__(self) -> str:
        loaded = f"{sum(self.rows.values()):,} rows loaded" if self.rows else "loaded before"
        return f"PostgreSQL: schema {SCHEMA} of {self.place} is now {self.version} ({loaded}, {self.seconds:.1f} s)"


def publish(settings: Settings, say: Callable[[str], None], *, to_older_day: bool = False) -> PostgresPublication:
    """Make the live version of the files the live version of PostgreSQL.

    Loads the version unless it is loaded, switches the views, and drops loaded versions whose files were deleted.
    Raises PostgresError; IntegrityError if a file of the version changed.

    Parameters
    ----------
    to_older_day: allow an older day than the one that PostgreSQL shows, as after a rollback of the files.
    """
    started, version = time.monotonic(), live_version(settings.published)
    if version is None:
        raise PostgresError("expected a published version, found none: run `tierhouse run` first")
    assert_folder(settings.home, settings.published / "versions" / version)
    file = settings.published / "versions" / version / "tierhouse.duckdb"
    with database(settings) as connection:
        _assert_ours(connection, settings)
        live = live_in_postgres(connection)
        if live and version_date(live) > version_date(version) and not to_older_day:
            raise PostgresError(
                f"PostgreSQL shows {live}, which is a later day than the live version of the files, {version}. {REPEAT}"
            )
        note = ensure_reader(connection)
        is_loaded = schema_of(version) in loaded_schemas(connection)
        rows = {} if is_loaded else load_version(connection, settings, file, schema_of(version))
        with connect(file, settings, read_only=True) as source:
            switch_views(connection, version, source, say)
        notes = [note] if note else []
        notes += _drop_old_versions(connection, {version, *version_ids(settings.published)})
    return PostgresPublication(version, place(settings), rows, time.monotonic() - started, tuple(notes))


def _assert_ours(connection: Connection, settings: Settings) -> None:
    """Create the schema, or raise PostgresError if another home publishes to it: customer ids would not match."""
    secret = find_secret(settings)
    owner = OWNER + (fingerprint(secret) if secret else "without key")
    try:
        run(connection, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    except errors.InsufficientPrivilege:
        user, name = connection.info.user, connection.info.dbname
        raise PostgresError(
            f"PostgreSQL: {user} may not create schemas in {name}. An administrator runs: GRANT CREATE ON DATABASE "
            f"{identifier(name)} TO {identifier(user)}. {REPEAT}"
        ) from None
    comment = f"SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')"
    found = run(connection, comment).fetchall()[0][0] or ""
    if found.startswith(OWNER) and found != owner:
        raise PostgresError(
            f"schema {SCHEMA} of this database belongs to another home ({found}), and this one is {owner}: name "
            f"another database in TIERHOUSE_POSTGRES_URL, or take the schema over: COMMENT ON SCHEMA {SCHEMA} IS NULL"
        )
    if found != owner:
        run(connection, f"COMMENT ON SCHEMA {SCHEMA} IS {literal(owner)}")


def _drop_old_versions(connection: Connection, kept: set[str]) -> list[str]:
    """Drop the loaded versions that have no files. Returns a note for each that others still use.

    Never drops what Tierhouse did not make: a view of a user on a table of a version keeps that version.
    """
    notes = []
    for schema in loaded_schemas(connection):
        if version_of(schema) in kept:
            continue
        query = f"SELECT tablename FROM pg_tables WHERE schemaname = {literal(schema)}"
        tables = [f"{identifier(schema)}.{identifier(row[0])}" for row in run(connection, query).fetchall()]
        try:
            with connection.transaction():
                run(connection, "SET LOCAL lock_timeout = '1s'")
                if tables:
                    run(connection, f"DROP TABLE {', '.join(tables)}")
                run(connection, f"DROP SCHEMA {identifier(schema)}")
        except (errors.LockNotAvailable, errors.DependentObjectsStillExist) as error:
            why = error.diag.message_detail or "a query still reads it"
            notes.append(f"PostgreSQL: schema {schema} is kept, the next publication tries again: {why}")
    return notes
