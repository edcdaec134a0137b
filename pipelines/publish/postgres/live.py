"""What readers see: the views of the schema `tierhouse`, the role that may read them, and the kept versions."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator

import duckdb
from psycopg import errors

from pipelines.home.sql import identifier, literal
from pipelines.publish.contracts import comment_statements
from pipelines.publish.postgres.connection import REPEAT, Connection, PostgresError, run

SCHEMA = "tierhouse"
READER = "tierhouse_reader"
VERSION = re.compile(r"tierhouse_(\d{4})_(\d\d)_(\d\d)_(\w+)")

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, PATIENCE_SECONDS = 0.2, 15.0, 300.0
"""How long the switch waits between its tries, and in all, while transactions of readers have the views."""

LOCK_WAIT_MS = "SELECT least(setting::integer / 2, 500) FROM pg_settings WHERE name = 'deadlock_timeout'"

VIEWS_OF_VERSIONS = """
SELECT DISTINCT view_name, table_schema FROM information_schema.view_table_usage
WHERE view_schema = 'tierhouse' AND table_schema ~ '^tierhouse_[0-9]{4}_'
"""

COLUMNS = """
SELECT relation.relname, relation.relkind = 'v', attribute.attname, format_type(attribute.atttypid, attribute.atttypmod)
FROM pg_class AS relation
JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
WHERE relation.relnamespace = to_regnamespace(%s) AND relation.relkind IN ('r', 'v', 'm', 'p', 'f')
    AND attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY relation.relname, attribute.attnum
"""

BLOCKERS = """
SELECT DISTINCT format(
    'pid %s of %s (%s) since %s',
    activity.pid, activity.usename, activity.application_name, to_char(activity.xact_start, 'YYYY-MM-DD HH24:MI:SS')
)
FROM pg_locks AS locks
JOIN pg_stat_activity AS activity ON activity.pid = locks.pid
WHERE locks.granted AND locks.pid <> pg_backend_pid() AND locks.relation IN (
    SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace('tierhouse')
)
ORDER BY 1
"""


def schema_of(version_id: str) -> str:
    """Return the schema of a version: `tierhouse_2026_06_30_1f0c2a9b`."""
    return f"{SCHEMA}_{version_id.replace('-', '_')}"


def version_of(schema: str) -> str | None:
    """Return the version of a schema, or None if the schema has no name of a version."""
    found = VERSION.fullmatch(schema)
    return "-".join(found.groups()) if found else None


def live_in_postgres(connection: Connection) -> str | None:
    """Return the id of the version that the views read, or None before the first publication."""
    schemas = {schema for _, schema in run(connection, VIEWS_OF_VERSIONS).fetchall()}
    return version_of(min(schemas)) if schemas else None


def loaded_schemas(connection: Connection) -> list[str]:
    """Return the schemas of all loaded versions, oldest day first."""
    names = [row[0] for row in run(connection, "SELECT nspname FROM pg_namespace ORDER BY nspname").fetchall()]
    return [name for name in names if version_of(name)]


def ensure_reader(connection: Connection) -> str | None:
    """Create the role that may read, if the user may create roles. Returns what an administrator has to do, or None."""
    roles = "SELECT 1 FROM pg_roles WHERE rolname"
    if run(connection, f"{roles} = {literal(READER)}").fetchall():
        return None
    if run(connection, f"{roles} = current_user AND (rolsuper OR rolcreaterole)").fetchall():
        run(connection, f"CREATE ROLE {READER} NOLOGIN")
        return None
    return (
        f"PostgreSQL: the role {READER} does not exist, and this user may not create roles. An administrator runs "
        f"`CREATE ROLE {READER} NOLOGIN`; the next publication gives it its rights"
    )


def switch_views(
    connection: Connection, version_id: str, source: duckdb.DuckDBPyConnection, say: Callable[[str], None]
) -> None:
    """Let all views read a loaded version, in one transaction.

    The switch needs the views for itself for a few milliseconds. New queries wait behind it, so it waits at most half
    a second at a time for queries that run, and less than the time after which the server looks for deadlocks: it
    gives up before a reader could be chosen as the victim. Raises PostgresError after five minutes, with the sessions
    that have kept the views.
    """
    deadline, pause = time.monotonic() + PATIENCE_SECONDS, FIRST_PAUSE_SECONDS
    while True:
        try:
            _try_to_switch(connection, version_id, source)
            return
        except (errors.LockNotAvailable, errors.QueryCanceled, errors.DeadlockDetected):
            if time.monotonic() + pause > deadline:
                raise PostgresError(
                    f"version {version_id} is loaded, and the views could not be switched to it for "
                    f"{PATIENCE_SECONDS:.0f} s: {_blockers(connection)}. End these transactions. {REPEAT}"
                ) from None
            say(f"PostgreSQL: waiting for readers: {_blockers(connection)}")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        except errors.DependentObjectsStillExist as error:
            raise PostgresError(
                f"columns of a published table were removed or have another type, and other views need them: "
                f"{error.diag.message_detail}. Drop these views, publish, and create them again. {REPEAT}"
            ) from None


def _try_to_switch(connection: Connection, version_id: str, source: duckdb.DuckDBPyConnection) -> None:
    ours = sorted({view for view, _ in run(connection, VIEWS_OF_VERSIONS).fetchall()})
    statements = ";\n".join(_statements(connection, version_id, source, ours))
    limit = run(connection, LOCK_WAIT_MS).fetchall()[0][0]
    with connection.transaction():
        if ours:
            run(connection, f"SET LOCAL statement_timeout = {limit}")
            views = ", ".join(f"{SCHEMA}.{identifier(view)}" for view in ours)
            run(connection, f"LOCK TABLE {views} IN ACCESS EXCLUSIVE MODE")
            run(connection, "SET LOCAL statement_timeout = '1min'")
        run(connection, statements)


def _statements(
    connection: Connection, version_id: str, source: duckdb.DuckDBPyConnection, ours: Collection[str]
) -> Iterator[str]:
    """Yield the SQL that makes a version live: views, comments and the rights of the reading role."""
    schema = schema_of(version_id)
    present, loaded = _relations(connection, SCHEMA), _relations(connection, schema)
    for view in ours:
        if view not in loaded:
            yield f"DROP VIEW {SCHEMA}.{identifier(view)}"
    comments = dict(source.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
    for table, (_, columns) in loaded.items():
        is_view, before = present.get(table, (True, {}))
        if not is_view:
            raise PostgresError(f"{SCHEMA}.{table} is no view of Tierhouse: move it to another schema. {REPEAT}")
        view, names = f"{SCHEMA}.{identifier(table)}", list(columns)
        if all(columns.get(name) == kind for name, kind in before.items()):
            # A view can be replaced if its columns stay in place: new columns come last.
            names = [*before, *(name for name in columns if name not in before)]
        else:
            yield f"DROP VIEW {view}"
        selected = ", ".join(map(identifier, names))
        yield f"CREATE OR REPLACE VIEW {view} AS SELECT {selected} FROM {identifier(schema)}.{identifier(table)}"
        described = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ? AND comment IS NOT NULL"
        of_columns = dict(source.execute(described, [table]).fetchall())
        yield from comment_statements(view, comments[table] or "", of_columns, "VIEW")
    if run(connection, f"SELECT 1 FROM pg_roles WHERE rolname = {literal(READER)}").fetchall():
        yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {READER}"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {READER}"


def _relations(connection: Connection, schema: str) -> dict[str, tuple[bool, dict[str, str]]]:
    """Return relation → (whether it is a view, column → type) of a schema."""
    relations: dict[str, tuple[bool, dict[str, str]]] = {}
    for relation, is_view, column, kind in connection.execute(COLUMNS.encode(), [schema]).fetchall():
        relations.setdefault(relation, (is_view, {}))[1][column] = kind
    return relations


def _blockers(connection: Connection) -> str:
    """Return the sessions that have a lock on a view."""
    return ", ".join(row[0] for row in run(connection, BLOCKERS).fetchall()) or "sessions that have ended meanwhile"
